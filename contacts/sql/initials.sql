-- The initial consonants of Hangul syllables, everything else left out: 김철수 is ㄱㅊㅅ. For search by initials.
CREATE FUNCTION hangul_initials(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN (
    SELECT coalesce(string_agg(substr('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ', (ascii(letter) - 44032) / 588 + 1, 1), '' ORDER BY i), '')
    FROM (SELECT i, substr(value, i, 1) AS letter FROM generate_series(1, length(value)) AS i) AS letters
    WHERE letter BETWEEN '가' AND '힣'
);
