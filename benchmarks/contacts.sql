-- The same work as benchmarks/contacts.yaml, written by hand for DuckDB. $file, $out are put in by mapping_duckdb.py; the tables
-- code_* (spelling in small letters, code) and flag (spelling, yes) are made there out of the same code lists.

-- A fresh table numbers its rows in the order of the file; row_number() would read it with one thread.
CREATE TABLE raw AS
SELECT * FROM read_csv('$file', delim = ';', quote = '"', escape = '"', header = true, auto_detect = false, columns = $columns);

-- A row that repeats an earlier one word for word; only hashes that occur twice are joined back.
CREATE TABLE hashed AS
SELECT rowid + 2 AS line, hash(KontaktNr, KlientNr, Datum, Dauer_Min, Kontaktart, Einzel_Familie, Thema, Weiterleitung,
                               Dolmetscher, Mitarbeiter, Ort, Integrationskurs, Nationalitaet, Geschlecht, Bemerkung) AS content
FROM raw;
CREATE TABLE repeated AS
SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY content ORDER BY line) AS nth FROM hashed
                  WHERE content IN (SELECT content FROM hashed GROUP BY content HAVING count(*) > 1))
WHERE nth > 1;
DROP TABLE hashed;

CREATE TABLE typed AS
WITH trimmed AS (
    SELECT rowid + 2 AS line, nullif(trim(coalesce(KontaktNr, '')), '') AS key, nullif(trim(coalesce(KlientNr, '')), '') AS person,
           nullif(trim(coalesce(Datum, '')), '') AS day, nullif(trim(coalesce(Dauer_Min, '')), '') AS long,
           nullif(trim(coalesce(Kontaktart, '')), '') AS channel, nullif(trim(coalesce(Einzel_Familie, '')), '') AS setting,
           nullif(trim(coalesce(Thema, '')), '') AS topics, nullif(trim(coalesce(Weiterleitung, '')), '') AS referrals,
           nullif(trim(coalesce(Dolmetscher, '')), '') AS interpreter, nullif(trim(coalesce(Mitarbeiter, '')), '') AS staff,
           nullif(trim(coalesce(Ort, '')), '') AS town, nullif(trim(coalesce(Integrationskurs, '')), '') AS course,
           nullif(trim(coalesce(Nationalitaet, '')), '') AS nationality, nullif(trim(coalesce(Geschlecht, '')), '') AS sex,
           nullif(CASE WHEN contains(Bemerkung, '  ') THEN regexp_replace(trim(Bemerkung), '\s+', ' ', 'g')
                       ELSE trim(coalesce(Bemerkung, '')) END, '') AS note
    FROM raw
), read AS (
    SELECT line, key, person, topics, referrals, staff, note,
           day AS raw_day, long AS raw_long, channel AS raw_channel, setting AS raw_setting, interpreter AS raw_interpreter,
           town AS raw_town, course AS raw_course, nationality AS raw_nationality, sex AS raw_sex,
           try_strptime(day, ['%d.%m.%Y', '%Y-%m-%d', '%d.%m.%Y %H:%M:%S', '%Y-%m-%d %H:%M:%S', '%Y%m%d'])::DATE AS some_day,
           CASE WHEN year(some_day) NOT IN (0, 1, 9999) THEN some_day END AS held_on,
           CASE WHEN position(':' IN long) > 0
                THEN try_cast(split_part(long, ':', 1) AS INTEGER) * 60 + try_cast(split_part(long, ':', 2) AS INTEGER)
                ELSE round(try_cast(replace(long, ',', '.') AS DOUBLE)) END AS some_minutes,
           coalesce(regexp_full_match(long, '\d+,\d+') AND try_cast(replace(long, ',', '.') AS DOUBLE) % 1 > 0
                    AND try_cast(replace(long, ',', '.') AS DOUBLE) BETWEEN 1 AND 24, false) AS may_be_hours,
           CASE WHEN some_minutes BETWEEN 0 AND 1440 AND NOT may_be_hours THEN some_minutes::INTEGER END AS minutes,
           c.code AS channel, s.code AS setting, i.yes AS interpreter, m.code AS municipality, k.yes AS integration_course,
           n.code AS nationality, g.code AS sex
    FROM trimmed t
    LEFT JOIN code_channel c ON c.spelling = replace(lower(t.channel), 'ß', 'ss')
    LEFT JOIN code_setting s ON s.spelling = replace(lower(t.setting), 'ß', 'ss')
    LEFT JOIN flag i ON i.spelling = lower(t.interpreter)
    LEFT JOIN code_municipality m ON m.spelling = replace(lower(t.town), 'ß', 'ss')
    LEFT JOIN flag k ON k.spelling = lower(t.course)
    LEFT JOIN code_nationality n ON n.spelling = replace(lower(t.nationality), 'ß', 'ss')
    LEFT JOIN code_sex g ON g.spelling = replace(lower(t.sex), 'ß', 'ss')
)
SELECT read.* EXCLUDE (some_day, some_minutes), repeated.line IS NOT NULL AS is_repeated,
       NOT is_repeated AND key IS NOT NULL AND held_on IS NOT NULL AS used
FROM read LEFT JOIN repeated USING (line);

CREATE TABLE part AS
SELECT 'topic' AS list, line, key, trim(unnest(string_split(topics, ','))) AS label FROM typed WHERE used AND topics IS NOT NULL
UNION ALL
SELECT 'referral_target', line, key, trim(unnest(string_split(referrals, ','))) FROM typed WHERE used AND referrals IS NOT NULL;

COPY (SELECT key AS source_key, key AS record_key, hash(held_on, minutes, setting, channel, interpreter, staff) AS row_hash,
             line AS source_row, held_on, minutes, setting, channel, interpreter, staff FROM typed WHERE used)
TO '$out/conversation.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT key || chr(31) || person AS source_key, key AS record_key, hash(person) AS row_hash, line AS source_row,
             person AS person_key, key AS conversation_key FROM typed WHERE used AND person IS NOT NULL)
TO '$out/conversation_participant.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT key || chr(31) || code AS source_key, key AS record_key, hash(code) AS row_hash, line AS source_row, code AS topic,
             key AS conversation_key FROM part JOIN code_topic ON spelling = replace(lower(label), 'ß', 'ss') WHERE list = 'topic')
TO '$out/conversation_topic.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT key || chr(31) || code AS source_key, key AS record_key, hash(code) AS row_hash, line AS source_row, code AS target,
             key AS conversation_key
      FROM part JOIN code_referral_target ON spelling = replace(lower(label), 'ß', 'ss') WHERE list = 'referral_target')
TO '$out/conversation_referral.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT person AS source_key, person AS record_key, hash(sex, nationality) AS row_hash, line AS source_row, sex, nationality
      FROM typed WHERE used)
TO '$out/person.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT person AS source_key, person AS record_key, hash(municipality) AS row_hash, line AS source_row, municipality,
             person AS person_key FROM typed WHERE used)
TO '$out/municipality_residence.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (SELECT person AS source_key, person AS record_key, hash(integration_course, note) AS row_hash, line AS source_row,
             integration_course, note AS qualifications, person AS person_key FROM typed WHERE used)
TO '$out/education_work.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (
    SELECT *, NULL::VARCHAR AS reason FROM (
    SELECT line AS row, NULL AS "column", 'repeated' AS rule, 'notice' AS severity, NULL AS value FROM repeated
    UNION ALL SELECT line, 'KontaktNr', 'key_missing', 'rejected', '' FROM typed WHERE NOT is_repeated AND key IS NULL
    UNION ALL SELECT line, 'Datum', 'required_date_unreadable', 'rejected', raw_day FROM typed
              WHERE NOT is_repeated AND key IS NOT NULL AND held_on IS NULL AND raw_day IS NOT NULL
    UNION ALL SELECT line, 'Datum', 'required_missing', 'rejected', '' FROM typed
              WHERE NOT is_repeated AND key IS NOT NULL AND raw_day IS NULL
    UNION ALL SELECT line, 'Dauer_Min', if(may_be_hours, 'hours_or_minutes', 'unreadable_number'), 'set_aside', raw_long FROM typed
              WHERE used AND minutes IS NULL AND raw_long IS NOT NULL
    UNION ALL SELECT line, 'Kontaktart', 'unknown_code', 'set_aside', raw_channel FROM typed
              WHERE used AND channel IS NULL AND raw_channel IS NOT NULL
    UNION ALL SELECT line, 'Einzel_Familie', 'unknown_code', 'set_aside', raw_setting FROM typed
              WHERE used AND setting IS NULL AND raw_setting IS NOT NULL
    UNION ALL SELECT line, 'Dolmetscher', 'unknown_code', 'set_aside', raw_interpreter FROM typed
              WHERE used AND interpreter IS NULL AND raw_interpreter IS NOT NULL
    UNION ALL SELECT line, 'Ort', 'unknown_code', 'set_aside', raw_town FROM typed
              WHERE used AND municipality IS NULL AND raw_town IS NOT NULL
    UNION ALL SELECT line, 'Integrationskurs', 'unknown_code', 'set_aside', raw_course FROM typed
              WHERE used AND integration_course IS NULL AND raw_course IS NOT NULL
    UNION ALL SELECT line, 'Nationalitaet', 'unknown_code', 'set_aside', raw_nationality FROM typed
              WHERE used AND nationality IS NULL AND raw_nationality IS NOT NULL
    UNION ALL SELECT line, 'Geschlecht', 'unknown_code', 'set_aside', raw_sex FROM typed
              WHERE used AND sex IS NULL AND raw_sex IS NOT NULL
    UNION ALL SELECT DISTINCT line, 'Thema', 'unknown_code', 'set_aside', topics FROM part JOIN typed USING (line)
              WHERE list = 'topic' AND label <> '' AND replace(lower(label), 'ß', 'ss') NOT IN (SELECT spelling FROM code_topic)
    UNION ALL SELECT DISTINCT line, 'Weiterleitung', 'unknown_code', 'set_aside', referrals FROM part JOIN typed USING (line)
              WHERE list = 'referral_target' AND label <> ''
                AND replace(lower(label), 'ß', 'ss') NOT IN (SELECT spelling FROM code_referral_target)
    )
) TO '$out/findings.parquet' (FORMAT parquet, COMPRESSION snappy);
