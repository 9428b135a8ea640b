-- Some of the Kennzahlen by hand: indicator, category, municipality, value.
WITH talks AS MATERIALIZED (SELECT * FROM conversation WHERE known_from <= 1 AND (known_to IS NULL OR known_to > 1) AND held_on BETWEEN '2024-01-01' AND '2024-12-31'), placed AS MATERIALIZED (
    SELECT DISTINCT t.source, t.source_key, c.municipality, p.person_key FROM (SELECT * FROM conversation WHERE known_from <= 1 AND (known_to IS NULL OR known_to > 1) AND held_on BETWEEN '2024-01-01' AND '2024-12-31') t
   
    JOIN conversation_participant p ON p.source = t.source AND p.conversation_key = t.source_key
   
    JOIN counselling_case c ON c.source = p.source AND c.person_key = p.person_key
),
    talk_places AS MATERIALIZED (SELECT DISTINCT source, source_key, municipality FROM placed), open_cases AS MATERIALIZED (SELECT c.*, l.person_id FROM counselling_case c
    JOIN person_link l USING (source, source_key)
    WHERE c.known_from <= 1 AND (c.known_to IS NULL OR c.known_to > 1) AND begun_on <= '2024-12-31' AND (ended_on IS NULL OR ended_on >= '2024-12-31'))
SELECT 'conversations', NULL, NULL, count(*) FROM talks
UNION ALL SELECT 'conversations', NULL, municipality, count(*) FROM talk_places
    GROUP BY municipality
UNION ALL SELECT 'topics', topic, NULL, count(*) FROM talks t
    JOIN conversation_topic p ON p.source = t.source AND p.conversation_key = t.source_key
    GROUP BY topic
UNION ALL SELECT 'topics', topic, municipality, count(*) FROM talk_places t
    JOIN conversation_topic p ON p.source = t.source AND p.conversation_key = t.source_key
    GROUP BY topic, municipality
UNION ALL SELECT 'referrals', target, NULL, count(*) FROM talks t
    JOIN conversation_referral p ON p.source = t.source AND p.conversation_key = t.source_key
    GROUP BY target
UNION ALL SELECT 'referrals', target, municipality, count(*) FROM talk_places t
    JOIN conversation_referral p ON p.source = t.source AND p.conversation_key = t.source_key
    GROUP BY target, municipality
UNION ALL SELECT 'persons_reached', NULL, NULL, count(DISTINCT person_id) FROM placed p
    JOIN person_link l ON l.source = p.source AND l.source_key = p.person_key
UNION ALL SELECT 'persons_reached', NULL, municipality, count(DISTINCT person_id) FROM placed p
    JOIN person_link l ON l.source = p.source AND l.source_key = p.person_key
    GROUP BY municipality
UNION ALL SELECT 'clients', NULL, NULL, count(DISTINCT person_id) FROM open_cases
UNION ALL SELECT 'clients', NULL, municipality, count(DISTINCT person_id) FROM open_cases
    GROUP BY municipality
