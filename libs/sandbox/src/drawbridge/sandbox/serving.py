"""Serve one web application until SIGTERM or Ctrl-C, and end in good order."""

import asyncio
import signal

import uvicorn
from fastapi import FastAPI


async def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve ``app``; returns when a signal has come and open calls are answered."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn takes signals first and raises them again when it has closed: without a handler
        # beneath, that second signal would end the process before its last steps.
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning")).serve()
