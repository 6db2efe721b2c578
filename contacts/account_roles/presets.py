"""The roles that ship: (key, English name, Korean name). Loaded by a migration, then the team's to change."""

PRESETS = (
    ("decision_maker", "Decision maker", "의사결정자"),
    ("influencer", "Influencer", "영향력자"),
    ("user", "User", "사용자"),
    ("champion", "Champion", "내부 지지자"),
    ("buyer", "Buyer", "구매 담당자"),
)
