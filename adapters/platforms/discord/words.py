"""Short names of commands, options and choices in Discord's languages.

They are names, not sentences: Discord takes only lower-case letters, digits, "-" and "_", so that
they cannot stand in the catalogues of what the bot says.
"""

from __future__ import annotations

from typing import Final

# Discord's codes for the languages that the bot speaks besides English.
# https://discord.com/developers/docs/reference#locales
LOCALES: Final = {"zh-CN": "zh", "zh-TW": "zh", "ko": "ko"}

COMMANDS: Final = {
    "start": {"zh": "开始", "ko": "시작"},
    "help": {"zh": "帮助", "ko": "도움말"},
    "subscribe": {"zh": "订阅", "ko": "구독"},
    "unsubscribe": {"zh": "退订", "ko": "구독취소"},
    "topics": {"zh": "话题", "ko": "주제"},
    "paper": {"zh": "论文", "ko": "논문"},
    "ask": {"zh": "提问", "ko": "질문"},
    "search": {"zh": "搜索", "ko": "검색"},
    "today": {"zh": "今日", "ko": "오늘"},
    "settings": {"zh": "设置", "ko": "설정"},
    "pause": {"zh": "暂停", "ko": "일시정지"},
    "resume": {"zh": "恢复", "ko": "재개"},
    "status": {"zh": "状态", "ko": "상태"},
    "why": {"zh": "为何", "ko": "이유"},
    "save": {"zh": "收藏", "ko": "저장"},
    "saved": {"zh": "收藏夹", "ko": "저장목록"},
    "export": {"zh": "导出", "ko": "내보내기"},
    "import": {"zh": "导入", "ko": "가져오기"},
    "access": {"zh": "权限", "ko": "권한"},
    "health": {"zh": "运行状况", "ko": "봇상태"},
    "forget": {"zh": "删除数据", "ko": "데이터삭제"},
}

OPTIONS: Final = {
    "action": {"zh": "操作", "ko": "동작"},
    "channel": {"zh": "频道", "ko": "채널"},
    "chat": {"zh": "会话", "ko": "대화방"},
    "command": {"zh": "命令", "ko": "명령어"},
    "confirm": {"zh": "确认", "ko": "확인"},
    "date": {"zh": "日期", "ko": "날짜"},
    "days": {"zh": "天数", "ko": "일수"},
    "form": {"zh": "格式", "ko": "형식"},
    "name": {"zh": "名称", "ko": "이름"},
    "page": {"zh": "页码", "ko": "쪽"},
    "paper": {"zh": "论文", "ko": "논문"},
    "question": {"zh": "问题", "ko": "질문"},
    "query": {"zh": "话题", "ko": "주제"},
    "text": {"zh": "文本", "ko": "텍스트"},
    "topics": {"zh": "话题", "ko": "주제"},
    "value": {"zh": "值", "ko": "값"},
    "words": {"zh": "词语", "ko": "단어"},
}

CHOICES: Final = {
    "yes": {"zh": "是", "ko": "예"},
    "add": {"zh": "添加", "ko": "추가"},
    "remove": {"zh": "移除", "ko": "빼기"},
    "test": {"zh": "测试", "ko": "시험"},
    "grant": {"zh": "批准", "ko": "허락"},
    "refuse": {"zh": "拒绝", "ko": "거절"},
    "revoke": {"zh": "收回", "ko": "회수"},
}


def by_locale(names: dict[str, str] | None) -> dict[str, str]:
    """Names by Discord's locales; empty for what has none."""
    return {code: names[ours] for code, ours in LOCALES.items() if names and ours in names}
