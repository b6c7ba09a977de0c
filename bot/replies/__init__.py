"""What each command answers: one function takes any request and gives its reply."""

from bot.replies.advice import AdviceData, advice_blocks, advice_data
from bot.replies.asked import forget_departed
from bot.replies.dispatch import reply
from bot.replies.talk import Talk

__all__ = ["AdviceData", "Talk", "advice_blocks", "advice_data", "forget_departed", "reply"]
