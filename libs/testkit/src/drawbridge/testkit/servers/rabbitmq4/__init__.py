"""RabbitMQ 4 for the tests, beside whatever this machine has installed.

``python -m drawbridge.testkit.servers.rabbitmq4`` fetches it once and prints the program to start; give
that to the tests in ``DRAWBRIDGE_TEST_RABBITMQ_PROGRAM``, as ``make test-rabbitmq4`` does.
"""
