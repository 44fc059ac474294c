-- Row-level security for tables that mem0 made in PostgreSQL: each login role reads and writes the rows of its own
-- user ids. Run it once in a database, as a superuser, after `CREATE EXTENSION vector`; running it again changes
-- nothing. PostgreSQL 16 or later. docs/scale-out.md says what it stands on and what it leaves open.
--
--   SELECT memory_tenancy.protect('public.mem0');
--   CREATE ROLE alice LOGIN PASSWORD '…';
--   SELECT memory_tenancy.admit('alice', 'alice');
--   SELECT * FROM memory_tenancy.gaps('public.mem0');

BEGIN;

-- Whoever may create in a schema of everybody's search_path can put a function there that others call unknowingly,
-- with their rights. So from PostgreSQL 15 on for new databases; one that was upgraded still has the old grant.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- A temporary schema takes functions, too. mem0 needs none.
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'memory_tenant') THEN
    CREATE ROLE memory_tenant NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS memory_tenancy;
REVOKE ALL ON SCHEMA memory_tenancy FROM PUBLIC;

-- Which login role is which user of mem0; a role may be several.
CREATE TABLE IF NOT EXISTS memory_tenancy.users (
  role name NOT NULL,
  user_id text NOT NULL CHECK (user_id NOT IN ('', '*')),
  PRIMARY KEY (role, user_id)
);
-- The policies below read it as the tenant, who is to learn of no other. There is no view and no function with its
-- owner's rights in between that could be asked for somebody else.
ALTER TABLE memory_tenancy.users ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON memory_tenancy.users;
CREATE POLICY own ON memory_tenancy.users FOR SELECT TO memory_tenant USING (role = current_user);
REVOKE ALL ON memory_tenancy.users FROM PUBLIC;
GRANT SELECT ON memory_tenancy.users TO memory_tenant;

CREATE OR REPLACE FUNCTION memory_tenancy.protect(protected regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- An array, so that it is read once a query, and an index of the user's id can be used.
  own constant text := '(payload ->> ''user_id'') = ANY (ARRAY('
    'SELECT u.user_id FROM memory_tenancy.users AS u WHERE u.role = current_user))';
  found text;
BEGIN
  -- The owner too, because mem0 may have been run as the owner; nobody but a superuser or BYPASSRLS is above it then.
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  -- Policies that permit are joined by OR: another one, of whatever name, would open the table again.
  FOR found IN SELECT polname FROM pg_policy WHERE polrelid = protected AND polpermissive LOOP
    EXECUTE format('DROP POLICY %I ON %s', found, protected);
  END LOOP;
  EXECUTE format('CREATE POLICY own ON %s TO memory_tenant USING (%s) WITH CHECK (%s)', protected, own, own);
  -- An index of everybody's vectors looks at the nearest 40 rows of all, and the policy takes away what is another's:
  -- a tenant is left with few or none of theirs, and learns by it how near others' lie. Without one, a query reads the
  -- tenant's own rows and sorts them.
  FOR found IN
    SELECT i.indexrelid::regclass::text
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
    WHERE i.indrelid = protected AND a.amname IN ('hnsw', 'ivfflat', 'diskann') AND i.indpred IS NULL
  LOOP
    EXECUTE format('DROP INDEX %s', found);
  END LOOP;
  -- TRUNCATE, REFERENCES, TRIGGER and MAINTAIN are not governed by policies, and mem0 needs none of them.
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, memory_tenant', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO memory_tenant', protected);
  EXECUTE format(
    'CREATE INDEX IF NOT EXISTS %I ON %s ((payload ->> ''user_id''))',
    left((SELECT relname FROM pg_class WHERE oid = protected), 50) || '_user_id_idx', protected
  );
END $$;

CREATE OR REPLACE FUNCTION memory_tenancy.admit(tenant name, user_id text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_roles
    WHERE rolname = tenant AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
  ) THEN
    RAISE EXCEPTION 'role % is a superuser, bypasses row-level security, may replicate or may make roles', tenant;
  END IF;
  EXECUTE format('GRANT memory_tenant TO %I WITH INHERIT TRUE, SET FALSE', tenant);
  INSERT INTO memory_tenancy.users VALUES (tenant, user_id) ON CONFLICT DO NOTHING;
END $$;

-- What opens a protected table again, a row each; none where nothing does.
CREATE OR REPLACE FUNCTION memory_tenancy.gaps(protected regclass) RETURNS TABLE (gap text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE tenants AS (
    SELECT r.* FROM pg_roles AS r WHERE r.rolname IN (SELECT role FROM memory_tenancy.users)
  ),
  -- Roles that a tenant is, or may become.
  reached AS (
    SELECT t.rolname AS tenant, r.*
    FROM tenants AS t JOIN pg_roles AS r ON pg_has_role(t.oid, r.oid, 'MEMBER') OR pg_has_role(t.oid, r.oid, 'SET')
  ),
  relation AS (SELECT * FROM pg_class WHERE oid = protected),
  -- Views on the table, and views on those.
  readers AS (
    SELECT protected::oid AS oid
    UNION
    SELECT w.ev_class
    FROM readers AS r
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid
    JOIN pg_rewrite AS w ON w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
  ),
  -- Tables through which its rows are read, and those whose rows are read through it.
  above AS (
    SELECT inhparent AS oid FROM pg_inherits WHERE inhrelid = protected
    UNION
    SELECT i.inhparent FROM above AS a JOIN pg_inherits AS i ON i.inhrelid = a.oid
  )
  SELECT 'row-level security is off' FROM relation WHERE NOT relrowsecurity
  UNION ALL
  SELECT 'row-level security is not forced upon the owner' FROM relation WHERE NOT relforcerowsecurity
  UNION ALL
  SELECT format('policy %I permits besides the one of memory_tenant', polname)
  FROM pg_policy WHERE polrelid = protected AND polpermissive AND polname <> 'own'
  UNION ALL
  SELECT 'the policy own is not there' FROM relation
  WHERE NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = protected AND polname = 'own')
  UNION ALL
  -- As the server spells it; where another version spells it otherwise, this says so rather than nothing.
  SELECT 'the policy own is not the one that the recipe made'
  FROM pg_policy, unnest(ARRAY[pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)]) AS said
  WHERE polrelid = protected AND polname = 'own' AND (
    polcmd <> '*' OR polroles <> ARRAY['memory_tenant'::regrole::oid]
    OR regexp_replace(coalesce(said, ''), '\s+', ' ', 'g') <> '((payload ->> ''user_id''::text) = ANY (ARRAY( '
      'SELECT u.user_id FROM memory_tenancy.users u WHERE (u.role = CURRENT_USER))))'
  )
  UNION ALL
  SELECT format('role %I may change whose rows are whose, in memory_tenancy.users', rolname) FROM tenants
  WHERE has_table_privilege(oid, 'memory_tenancy.users', 'INSERT, UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege(oid, 'memory_tenancy.users', 'INSERT, UPDATE')
  UNION ALL
  SELECT 'tenants may learn of each other, in memory_tenancy.users'
  WHERE EXISTS (SELECT FROM pg_class WHERE oid = 'memory_tenancy.users'::regclass AND NOT relrowsecurity)
    OR EXISTS (
      SELECT FROM pg_policy
      WHERE polrelid = 'memory_tenancy.users'::regclass AND polpermissive
        AND (polname <> 'own' OR pg_get_expr(polqual, polrelid) IS DISTINCT FROM '(role = CURRENT_USER)')
    )
  UNION ALL
  SELECT format('role %I is a superuser or bypasses row-level security, as %I may', rolname, tenant)
  FROM reached WHERE rolsuper OR rolbypassrls
  UNION ALL
  SELECT format('role %I may make roles, as %I may', rolname, tenant) FROM reached WHERE rolcreaterole
  UNION ALL
  SELECT format('role %I may copy the whole server by replication, as %I may', rolname, tenant)
  FROM reached WHERE rolreplication
  UNION ALL
  SELECT format('role %I may read what others ask the server, memories among it, by %I', tenant, rolname)
  FROM reached WHERE rolname = 'pg_read_all_stats'
  UNION ALL
  SELECT format('role %I may become role %I, which has rows of its own', r.tenant, r.rolname)
  FROM reached AS r JOIN tenants AS t ON t.oid = r.oid WHERE r.tenant <> r.rolname
  UNION ALL
  SELECT format('role %I owns the table, or is a member of its owner', r.tenant)
  FROM reached AS r, relation WHERE r.oid = relowner
  UNION ALL
  SELECT format('role %I may run programs or read files of the server, by %I', tenant, rolname) FROM reached
  WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
  UNION ALL
  SELECT format('role %I may %s', t.rolname, privilege)
  FROM tenants AS t, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
  WHERE has_table_privilege(t.oid, protected, privilege)
  UNION ALL
  SELECT format('role %I may create in schema public', rolname) FROM tenants
  WHERE has_schema_privilege(oid, 'public', 'CREATE')
  UNION ALL
  SELECT format('index %s is of all tenants'' vectors', i.indexrelid::regclass)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
  WHERE i.indrelid = protected AND a.amname IN ('hnsw', 'ivfflat', 'diskann') AND i.indpred IS NULL
  UNION ALL
  -- Rules and materialised views read the table as their owner; what they let through no policy of it sees.
  SELECT format('%s reads the table with its owner''s rights', v.oid::regclass)
  FROM readers AS r JOIN pg_class AS v USING (oid)
  WHERE v.oid <> protected
    AND (v.relkind = 'm' OR NOT coalesce(v.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false))
  UNION ALL
  SELECT format('rule %I does something else with what is asked of the table, as its owner', rulename)
  FROM pg_rewrite WHERE ev_class = protected
  UNION ALL
  SELECT format('trigger %I is handed every row that is written', tgname)
  FROM pg_trigger WHERE tgrelid = protected AND NOT tgisinternal
  UNION ALL
  SELECT format('publication %I hands every tenant''s rows to whoever subscribes', p.pubname)
  FROM pg_publication AS p, pg_get_publication_tables(p.pubname) AS t WHERE t.relid = protected
  UNION ALL
  -- Of a query, the rights and policies count of the table that it names, and of none below that one.
  SELECT format('whoever may read %s reads the table''s rows by it', oid::regclass) FROM above
  UNION ALL
  SELECT format('%s holds rows of the table under rights and policies of its own', inhrelid::regclass)
  FROM pg_inherits WHERE inhparent = protected
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA memory_tenancy FROM PUBLIC;

COMMIT;
