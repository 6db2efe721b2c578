"""English dates as the other pages write them: Sat, Nov 21, 2026 14:03, never Sept. 5, 2026, 3 p.m."""

DATE_FORMAT = "D, M j, Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "D, M j, Y H:i"
SHORT_DATE_FORMAT = "M j, Y"
SHORT_DATETIME_FORMAT = "M j, Y H:i"
