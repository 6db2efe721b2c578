"""Korean dates as the other pages write them: 2026. 11. 21. (토) 14:03, never 7:24 오전."""

DATE_FORMAT = "Y. n. j. (D)"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y. n. j. (D) H:i"
SHORT_DATE_FORMAT = "Y. n. j."
SHORT_DATETIME_FORMAT = "Y. n. j. H:i"
