-- A warehouse of one load: persons, cases, homes, links, and conversations over three years with participant, topic, referral.
-- A conversation's person is chosen by a hash, so that nobody's are in a row. {persons}, {events}, {places}: its size.
INSERT INTO person (source, source_key, record_key, sex, nationality
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + i % 4], 'P' || i, 'P' || i, ['m','w'][1 + i % 2], ['SYR','AFG','IRQ','UKR','TUR'][1 + (hash(i) % 5)::INT],
        0, 1, NULL, 'f', 't', i
    FROM range({persons}) t(i);
INSERT INTO counselling_case (source, source_key, record_key, person_key, begun_on, ended_on, municipality, staff
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + i % 4], 'P' || i, 'P' || i, 'P' || i, DATE '2021-01-01' + (hash(i) % 1400)::INT,
        CASE WHEN i % 3 = 0 THEN DATE '2024-06-01' + ((hash(i + 1) % 500)::INT)::INT END,
        '08999' || lpad((1 + (hash(i + 2) % {places})::INT)::VARCHAR, 3, '0'), 'Kraft ' || ((hash(i + 3) % 40)::INT),
        0, 1, NULL, 'f', 't', i
    FROM range({persons}) t(i);
INSERT INTO housing (source, source_key, record_key, person_key, kind, assigned_on
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + i % 4], 'P' || i, 'P' || i, 'P' || i, ['vorlaeufig','anschluss','privat'][1 + i % 3], DATE '2020-01-01' + ((hash(i) % 1500)::INT)::INT,
        0, 1, NULL, 'f', 't', i
    FROM range({persons}) t(i);
INSERT INTO person_link (source, source_key, person_id, rule, explanation, known_from)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + i % 4], 'P' || i, 'p-' || (CASE WHEN i % 20 = 1 THEN i - 1 ELSE i END), 'new', 'x', 1 FROM range({persons}) t(i);
INSERT INTO conversation (source, source_key, record_key, held_on, setting, kind, staff
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + p % 4], 'B' || i, 'B' || i, DATE '2022-07-01' + (i % 1096)::INT,
        ['einzelperson','familie'][1 + i % 2], ['beratung','clearing'][1 + i % 2], 'Kraft ' || ((hash(i) % 40)::INT),
        0, 1, NULL, 'f', 't', i
    FROM (SELECT i, (hash(i + 4) % {persons})::INT AS p FROM range({events}) t(i));
INSERT INTO conversation_participant (source, source_key, record_key, conversation_key, person_key
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + p % 4], 'B' || i || '-' || p, 'B' || i, 'B' || i, 'P' || p,
        0, 1, NULL, 'f', 't', i
    FROM (SELECT i, (hash(i + 4) % {persons})::INT AS p FROM range({events}) t(i));
INSERT INTO conversation_topic (source, source_key, record_key, conversation_key, topic
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + p % 4], 'B' || i || '-t', 'B' || i, 'B' || i, ['arbeit','wohnen','kinder','sprache'][1 + (hash(i) % 4)::INT],
        0, 1, NULL, 'f', 't', i
    FROM (SELECT i, (hash(i + 4) % {persons})::INT AS p FROM range({events}) t(i));
INSERT INTO conversation_referral (source, source_key, record_key, conversation_key, target
        , row_hash, known_from, known_to, source_file, source_table, source_row)
    SELECT ['enaio','jobkraftwerk','tau','workbook'][1 + p % 4], 'B' || i || '-r', 'B' || i, 'B' || i, ['jobcenter','andere'][1 + (hash(i) % 2)::INT],
        0, 1, NULL, 'f', 't', i
    FROM (SELECT i, (hash(i + 4) % {persons})::INT AS p FROM range({events}) t(i)) WHERE i % 3 = 0
