"""RabbitMQ: topology, relay, intake and parking."""
