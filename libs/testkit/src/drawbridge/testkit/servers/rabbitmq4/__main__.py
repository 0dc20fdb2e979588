"""Print the path of a RabbitMQ 4 program, fetching it first where it is not here yet."""

import sys
from pathlib import Path

from drawbridge.testkit.servers.instance import ServerError
from drawbridge.testkit.servers.rabbitmq4.program import ready_program

HOME = Path(".tools/rabbitmq4")


def main() -> int:
    """Write the path to standard output, everything else to standard error. Exit code 1: not to be had."""
    try:
        program = ready_program(HOME.absolute())
    except ServerError as error:
        sys.stderr.write(f"drawbridge: RabbitMQ 4 cannot be had here: {error}\n")
        return 1
    sys.stdout.write(f"{program}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
