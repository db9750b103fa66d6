"""A follow-up question and the turns before it in, a question that stands alone out; rules, no language model.

Each rule has a module: what a question says, what it leaves unsaid, and what that stands for.
"""

from qa.conversation.standalone import MAX_QUESTION, standalone
from qa.conversation.turn import Turn

__all__ = ["MAX_QUESTION", "Turn", "standalone"]
