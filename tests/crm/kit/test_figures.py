"""Figures as readers of both languages see them: exact texts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from crm.kit import figures

NOW = datetime(2026, 11, 21, 5, 3, tzinfo=UTC)  # 14:03 in Seoul, a Saturday


@pytest.mark.parametrize(
    ("amount", "currency", "english", "korean"),
    [
        (12000, "KRW", "₩12,000", "12,000원"),
        (Decimal("12000.4"), "KRW", "₩12,000", "12,000원"),
        (-500, "KRW", "-₩500", "-500원"),
        (0, "KRW", "₩0", "0원"),
        (Decimal("-0.2"), "KRW", "₩0", "0원"),
        (Decimal("1234.5"), "USD", "$1,234.50", "$1,234.50"),
        (Decimal("1234.5"), "CHF", "1,234.50 CHF", "1,234.50 CHF"),
    ],
)
def test_money(amount, currency, english, korean):
    with translation.override("en"):
        assert figures.money(amount, currency) == english
    with translation.override("ko"):
        assert figures.money(amount, currency) == korean


@pytest.mark.parametrize(
    ("number", "english", "korean"),
    [
        (999, "999", "999"),
        (1000, "1K", "1,000"),
        (12400, "12.4K", "1.2만"),
        (999_950, "1M", "100만"),
        (1_234_567, "1.2M", "123만"),
        (340_000_000, "340M", "3.4억"),
        (-12400, "-12.4K", "-1.2만"),
        (2_500_000_000_000, "2,500B", "2.5조"),
    ],
)
def test_short_count(number, english, korean):
    with translation.override("en"):
        assert figures.short_count(number) == english
    with translation.override("ko"):
        assert figures.short_count(number) == korean


def test_percent():
    with translation.override("en"):
        assert [figures.percent(0.4312), figures.percent(1, 0), figures.percent(None)] == ["43.1%", "100%", "–"]


@pytest.mark.parametrize(
    ("ago", "english", "korean"),
    [
        (timedelta(minutes=1), "14:02", "14:02"),
        (timedelta(hours=20), "Nov 20 18:03", "11. 20. 18:03"),
        (timedelta(days=400), "Fri, Oct 17, 2025", "2025. 10. 17. (금)"),
    ],
)
def test_short_time_in_the_readers_zone(ago, english, korean):
    with timezone.override("Asia/Seoul"):
        with translation.override("en"):
            assert figures.short_time(NOW - ago, NOW) == english
        with translation.override("ko"):
            assert figures.short_time(NOW - ago, NOW) == korean


def test_day_follows_the_zone():
    late = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    with translation.override("ko"):
        with timezone.override("Asia/Seoul"):
            assert figures.day(late) == "2026. 11. 21. (토)"
        with timezone.override("America/New_York"):
            assert figures.day_and_time(late) == "2026. 11. 20. (금) 11:00 EST"


@pytest.mark.parametrize(
    ("ago", "english"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=59), "59 days ago"),
        (timedelta(days=61), "2 months ago"),
        (timedelta(seconds=-30), "in a moment"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_time_away(ago, english):
    with translation.override("en"):
        assert figures.time_away(NOW - ago, NOW) == english
