"""What watches the bot from outside: numbers for Prometheus, and whether it lives and is ready."""

from adapters.monitor.asking import ask
from adapters.monitor.counting import Counted
from adapters.monitor.serving import serve

__all__ = ["Counted", "ask", "serve"]
