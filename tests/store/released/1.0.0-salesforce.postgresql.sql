CREATE TABLE public.accounts (
    connection integer NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    fields text NOT NULL,
    domain text COLLATE pg_catalog."C",
    read_by bigint
);
CREATE TABLE public.activities (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    touchpoint integer NOT NULL,
    occurred_at bigint NOT NULL,
    seconds double precision,
    value double precision,
    mail bigint,
    sent_at bigint,
    mail_domain bigint
);
CREATE TABLE public.addresses (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.chunks (
    connection integer NOT NULL,
    run integer NOT NULL,
    prefix text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    who text NOT NULL,
    counts text
);
CREATE TABLE public.connections (
    connection integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    changes bigint DEFAULT '0'::bigint NOT NULL,
    fields text DEFAULT '{}'::text NOT NULL,
    fence bigint DEFAULT '0'::bigint NOT NULL,
    holder text,
    purpose text,
    until bigint,
    ttl bigint,
    process text,
    outputs text,
    links text,
    deal_fields text DEFAULT '{}'::text NOT NULL,
    by_domain text,
    member_of text DEFAULT '{}'::text NOT NULL,
    marked_by integer
);
CREATE SEQUENCE public.connections_connection_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.connections_connection_seq OWNED BY public.connections.connection;
CREATE TABLE public.crm_fields (
    connection integer NOT NULL,
    field text NOT NULL COLLATE pg_catalog."C",
    output text NOT NULL,
    origin text NOT NULL,
    is_new boolean NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE public.crossings (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    crossed_at bigint,
    left_at bigint
);
CREATE TABLE public.cursors (
    connection integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    cursor text NOT NULL,
    total bigint,
    moved_at bigint NOT NULL
);
CREATE TABLE public.daemons (
    process text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    connections text NOT NULL,
    beat_at bigint NOT NULL
);
CREATE TABLE public.deal_leads (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    deal text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.deals (
    connection integer NOT NULL,
    deal text NOT NULL COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    created_at bigint,
    won_at bigint,
    for_account boolean NOT NULL,
    fields text NOT NULL
);
CREATE TABLE public.departures (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    why text NOT NULL,
    names text NOT NULL
);
CREATE TABLE public.due (
    connection integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    by text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    changed_at bigint,
    heard_at bigint NOT NULL,
    number bigint NOT NULL
);
CREATE TABLE public.entrants (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL
);
CREATE TABLE public.excluded (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    seen bigint NOT NULL,
    account text COLLATE pg_catalog."C",
    changed text DEFAULT '[]'::text NOT NULL
);
CREATE TABLE public.field_history (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    field text NOT NULL COLLATE pg_catalog."C",
    since bigint NOT NULL,
    value text,
    before text
);
CREATE TABLE public.found (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    holds text NOT NULL,
    before text NOT NULL,
    mended text NOT NULL
);
CREATE TABLE public.further_fields (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    changed_at bigint NOT NULL,
    fields text NOT NULL
);
CREATE TABLE public.identity (
    id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.in_flight (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    run integer NOT NULL,
    payload text NOT NULL,
    pending text,
    causes text NOT NULL,
    sent_at bigint NOT NULL
);
CREATE TABLE public.kept_out (
    connection integer NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    since bigint NOT NULL
);
CREATE TABLE public.leadgauge_schema (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.leads (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    address text COLLATE pg_catalog."C",
    created_at bigint,
    fields text NOT NULL,
    listing bigint,
    first_seen bigint NOT NULL,
    domain text COLLATE pg_catalog."C"
);
CREATE TABLE public.listings (
    connection integer NOT NULL,
    listing text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint,
    settled_at bigint
);
CREATE TABLE public.machine_marks (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    marked_at bigint NOT NULL,
    reasons text NOT NULL,
    evidence text NOT NULL,
    version integer NOT NULL
);
CREATE TABLE public.mail_tallies (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    mail_domain bigint NOT NULL,
    mails integer NOT NULL,
    scanned integer NOT NULL
);
CREATE TABLE public.memberships (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    read_at bigint NOT NULL
);
CREATE TABLE public.merges (
    connection integer NOT NULL,
    old text NOT NULL COLLATE pg_catalog."C",
    survivor text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.missing (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    activity text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL
);
CREATE TABLE public.notes (
    connection integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL
);
CREATE TABLE public.notices (
    connection integer NOT NULL,
    sink text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    outbox integer,
    lead text COLLATE pg_catalog."C",
    facts text DEFAULT '{}'::text NOT NULL,
    queued_at bigint NOT NULL,
    due_at bigint NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at bigint,
    dropped_at bigint,
    error text
);
CREATE TABLE public.outboxes (
    outbox integer NOT NULL,
    connection integer NOT NULL,
    prefix text NOT NULL COLLATE pg_catalog."C",
    held_run integer,
    held_reason text,
    sent_until bigint,
    judging integer,
    held_most integer,
    allowed boolean DEFAULT false NOT NULL,
    of text DEFAULT 'leads'::text NOT NULL COLLATE pg_catalog."C",
    alerts_after integer,
    fed_since bigint,
    fed_moved integer DEFAULT 0 NOT NULL,
    fed_known integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.outboxes_outbox_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outboxes_outbox_seq OWNED BY public.outboxes.outbox;
CREATE TABLE public.outcomes (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL,
    occurred_at bigint NOT NULL
);
CREATE TABLE public.plans (
    connection integer NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    plan text NOT NULL,
    ids text NOT NULL
);
CREATE TABLE public.refused (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL,
    message text NOT NULL,
    payload text NOT NULL,
    attempts integer NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL,
    next_at bigint NOT NULL
);
CREATE TABLE public.requests (
    request integer NOT NULL,
    connection integer NOT NULL,
    kind text NOT NULL,
    options text NOT NULL,
    asked_by text NOT NULL,
    asked_at bigint NOT NULL,
    state text NOT NULL,
    fence bigint,
    answer text
);
CREATE SEQUENCE public.requests_request_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.requests_request_seq OWNED BY public.requests.request;
CREATE TABLE public.results (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    lead_score integer,
    lead_fit integer,
    lead_engagement integer,
    lead_grade text,
    lead_readiness text,
    lead_urgency text,
    lead_likelihood double precision,
    lead_priority text,
    lead_priority_index integer,
    lead_score_reasons text,
    lead_score_status text,
    lead_scorecard text,
    lead_scored_at bigint,
    told_lead_score integer,
    told_lead_fit integer,
    told_lead_engagement integer,
    told_lead_grade text,
    told_lead_readiness text,
    told_lead_urgency text,
    told_lead_likelihood double precision,
    told_lead_priority text,
    told_lead_priority_index integer,
    told_lead_score_reasons text,
    told_lead_score_status text,
    told_lead_scorecard text,
    told_lead_scored_at bigint,
    told_at bigint,
    pending text,
    causes text DEFAULT ''::text NOT NULL,
    run integer,
    told_by bigint,
    surprised_by integer,
    level integer,
    due_at bigint DEFAULT '0'::bigint,
    lead_score_trend text,
    lead_why_now text,
    lead_next_step text,
    lead_priority_since bigint,
    lead_priority_rose_at bigint,
    lead_expires_at bigint,
    told_lead_score_trend text,
    told_lead_why_now text,
    told_lead_next_step text,
    told_lead_priority_since bigint,
    told_lead_priority_rose_at bigint,
    told_lead_expires_at bigint
);
CREATE TABLE public.runs (
    run integer NOT NULL,
    connection integer NOT NULL,
    kind text NOT NULL,
    holder text NOT NULL,
    state text NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint,
    counts text DEFAULT '{}'::text NOT NULL,
    message text DEFAULT ''::text NOT NULL
);
CREATE SEQUENCE public.runs_run_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.runs_run_seq OWNED BY public.runs.run;
CREATE TABLE public.scanning_domains (
    connection integer NOT NULL,
    mail_domain bigint NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE public.stale (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    change bigint NOT NULL,
    data boolean NOT NULL,
    activity boolean NOT NULL
);
CREATE TABLE public.to_mark (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    change bigint NOT NULL
);
CREATE TABLE public.touchpoints (
    connection integer NOT NULL,
    touchpoint integer NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    url text,
    name text
);
CREATE TABLE public.unclaimed (
    connection integer NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    touchpoint integer NOT NULL,
    occurred_at bigint NOT NULL,
    seconds double precision,
    value double precision,
    seen bigint NOT NULL,
    since bigint DEFAULT '0'::bigint NOT NULL,
    mail bigint,
    sent_at bigint,
    mail_domain bigint
);
CREATE TABLE public.vanished (
    connection integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    account text COLLATE pg_catalog."C",
    address text COLLATE pg_catalog."C",
    created_at bigint,
    fields text NOT NULL,
    why text NOT NULL,
    since bigint NOT NULL,
    unsure boolean NOT NULL,
    domain text COLLATE pg_catalog."C"
);
CREATE TABLE public.writes (
    outbox integer NOT NULL,
    bucket smallint NOT NULL,
    lead text NOT NULL COLLATE pg_catalog."C",
    change bigint NOT NULL,
    written_at bigint NOT NULL,
    run integer NOT NULL,
    causes text NOT NULL,
    before text NOT NULL,
    after text NOT NULL
);
ALTER TABLE ONLY public.connections ALTER COLUMN connection SET DEFAULT nextval('public.connections_connection_seq'::regclass);
ALTER TABLE ONLY public.outboxes ALTER COLUMN outbox SET DEFAULT nextval('public.outboxes_outbox_seq'::regclass);
ALTER TABLE ONLY public.requests ALTER COLUMN request SET DEFAULT nextval('public.requests_request_seq'::regclass);
ALTER TABLE ONLY public.runs ALTER COLUMN run SET DEFAULT nextval('public.runs_run_seq'::regclass);
INSERT INTO public.accounts VALUES (1, '0018d0000000001AAA', '{"employees":73.0,"industry":"Finance"}', NULL, NULL);
INSERT INTO public.accounts VALUES (1, '0018d0000000002AAA', '{"employees":122.0,"industry":"IT services"}', NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000oAAA', 21, 1795158709000000, 8, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000nAAA', 29, 1795083803000000, 51, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000fAAA', 27, 1794752371000000, 18, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000hAAA', 17, 1794858849000000, 21, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000iAAA', 15, 1794887299000000, 7, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'actions:a018d000000000DAAQ', 34, 1795830624000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'actions:a018d000000000CAAQ', 35, 1795068465000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'actions:a018d000000000BAAQ', 37, 1794845025000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000lAAA', 15, 1795048200000000, 8, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000tAAA', 17, 1795874451000000, 227, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'pardot:40000014', 10, 1795281458000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000pAAA', 21, 1795290898000000, 30, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'pardot:40000017', 8, 1795574577000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'pardot:40000016', 7, 1795383474000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'pardot:40000015', 13, 1795382546000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000uAAA', 16, 1795948904000000, 19, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'event:00U8d0000000002EAA', 2, 1795331740000000, 1620, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 7, '00Q8d0000000001EAA', 'visits:a008d000000000rAAA', 16, 1795741543000000, 86, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'pardot:40000006', 10, 1784244322000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'actions:a018d0000000001AAA', 32, 1752648243000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'pardot:40000009', 7, 1786292606000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'pardot:40000008', 11, 1785761473000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'pardot:40000007', 10, 1785173432000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d0000000001AAA', 14, 1761670736000000, 22, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d000000000MAAQ', 16, 1783439167000000, 18, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'actions:a018d0000000002AAA', 33, 1767963155000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'actions:a018d0000000008AAA', 36, 1785293647000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'pardot:40000000', 5, 1752705171000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'email:02s8d0000000001AAA', 41, 1752822978000000, NULL, NULL, -8590202177302133336, 1752822978000000, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'email:02s8d0000000002AAA', 42, 1783907234000000, NULL, NULL, -5748739588558423946, 1783907234000000, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d000000000NAAQ', 26, 1783818304000000, 25, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d000000000OAAQ', 19, 1783895222000000, 28, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d000000000PAAQ', 16, 1784085820000000, 104, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 13, '0038d0000000004AAA', 'visits:a008d000000000LAAQ', 15, 1782979319000000, 4, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000QAAQ', 15, 1786501490000000, 35, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'pardot:40000010', 5, 1787588332000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'campaign:00v8d0000000003AAA:added', 39, 1787667288000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'actions:a018d0000000009AAA', 33, 1788210914000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'actions:a018d0000000006AAA', 33, 1782084977000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000CAAQ', 21, 1780641655000000, 13, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000DAAQ', 21, 1781078774000000, 21, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000EAAQ', 20, 1781440131000000, 378, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'actions:a018d0000000005AAA', 34, 1775086115000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000GAAQ', 23, 1781607853000000, 14, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000HAAQ', 17, 1781652865000000, 22, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'pardot:40000011', 12, 1788349998000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000JAAQ', 20, 1781980818000000, 93, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'pardot:40000012', 7, 1788741704000000, NULL, NULL, NULL, NULL, -7323738230206243152);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000TAAQ', 16, 1789036996000000, 64, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000RAAQ', 21, 1787388851000000, 60, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'visits:a008d000000000SAAQ', 27, 1787821751000000, 7, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 104, '0038d0000000005AAA', 'visits:a008d000000000sAAA', 31, 1795859980000000, 312, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 140, '00Q8d0000000003EAA', 'visits:a008d000000000UAAQ', 28, 1790603273000000, 246, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000BAAQ', 15, 1776420355000000, 69, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000AAAQ', 16, 1775794171000000, 14, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'task:00T8d0000000002EAA', 4, 1768126753000000, 593, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000001', 6, 1768975688000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000009AAA', 20, 1775515172000000, 88, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'campaign:00v8d0000000001AAA:added', 38, 1781505438000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000002', 7, 1775870282000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000003', 8, 1781144529000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000004', 6, 1781643477000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000018', 10, 1795733171000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'task:00T8d0000000001EAA', 3, 1768089114000000, 914, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'pardot:40000005', 9, 1781679844000000, NULL, NULL, NULL, NULL, -957864556946538270);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000007AAA', 19, 1769677032000000, 121, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'actions:a018d0000000007AAA', 35, 1783071935000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000jAAA', 21, 1794903784000000, 24, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'event:00U8d0000000001EAA', 1, 1769497582000000, 600, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000005AAA', 15, 1769067193000000, 7, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000FAAQ', 22, 1781444877000000, 57, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000004AAA', 17, 1768938206000000, 13, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000003AAA', 16, 1768360959000000, 49, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000002AAA', 15, 1766242177000000, 9, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000qAAA', 16, 1795676400000000, 8, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'actions:a018d0000000004AAA', 34, 1769380916000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'actions:a018d0000000003AAA', 32, 1768059491000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000006AAA', 18, 1769083964000000, 10, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000KAAQ', 25, 1782013035000000, 14, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d000000000IAAQ', 24, 1781693387000000, 35, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 180, '0038d0000000003AAA', 'visits:a008d0000000008AAA', 16, 1775234066000000, 31, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 209, '0038d0000000002AAA', 'campaign:00v8d0000000002AAA:added', 39, 1787272986000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000kAAA', 20, 1794912878000000, 64, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000WAAQ', 25, 1793303324000000, 32, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000mAAA', 20, 1795059412000000, 19, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000VAAQ', 14, 1792360517000000, 57, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'pardot:40000013', 9, 1794572147000000, NULL, NULL, NULL, NULL, 6983645505581266405);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000gAAA', 17, 1794754359000000, 28, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000eAAA', 21, 1794209292000000, 34, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'actions:a018d000000000AAAQ', 36, 1794107494000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000dAAA', 16, 1794161882000000, 15, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000cAAA', 30, 1794061974000000, 56, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000bAAA', 27, 1794011037000000, 41, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000aAAA', 16, 1793897266000000, 22, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000ZAAQ', 16, 1793835931000000, 9, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'campaign:00v8d0000000004AAA:added', 40, 1794767270000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000YAAQ', 21, 1793719166000000, 175, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 233, '00Q8d0000000002EAA', 'visits:a008d000000000XAAQ', 29, 1793701629000000, 29, NULL, NULL, NULL, NULL);
INSERT INTO public.activities VALUES (1, 63, '0038d0000000001AAA', 'actions:a018d000000000EAAQ', 43, 1796043600000000, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.connections VALUES (1, 'main', 35, '{"seniority":"text","industry":"text","employees":"number","country":"text","budget":"number","email_domain":"text","free_mailbox":"flag","is_student":"flag","purchase_by":"date"}', 2, NULL, NULL, NULL, NULL, NULL, '{"lead_engagement":0,"lead_expires_at":0,"lead_fit":0,"lead_grade":0,"lead_likelihood":0,"lead_next_step":0,"lead_priority":0,"lead_priority_index":0,"lead_priority_rose_at":0,"lead_priority_since":0,"lead_readiness":0,"lead_score":0,"lead_score_reasons":0,"lead_score_status":0,"lead_score_trend":0,"lead_scorecard":0,"lead_scored_at":0,"lead_urgency":0,"lead_why_now":0}', '{"pages":{"003":"http://127.0.0.1:43179/lightning/r/Contact/{lead}/view","00Q":"http://127.0.0.1:43179/lightning/r/Lead/{lead}/view"},"accounts":{"001":"http://127.0.0.1:43179/lightning/r/Account/{lead}/view"}}', '{"open":"flag","won":"flag","closed_at":"time"}', NULL, '{}', 1);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Score__c', 'lead_score', 'made', false, 1796097447519922);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Score__c', 'lead_score', 'made', false, 1796097447519945);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Score_Trend__c', 'lead_score_trend', 'made', false, 1796097447519949);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Score_Trend__c', 'lead_score_trend', 'made', false, 1796097447519953);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Fit__c', 'lead_fit', 'made', false, 1796097447519956);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Fit__c', 'lead_fit', 'made', false, 1796097447519959);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Engagement__c', 'lead_engagement', 'made', false, 1796097447519962);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Engagement__c', 'lead_engagement', 'made', false, 1796097447519966);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Grade__c', 'lead_grade', 'made', false, 1796097447519969);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Grade__c', 'lead_grade', 'made', false, 1796097447519972);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Readiness__c', 'lead_readiness', 'made', false, 1796097447519976);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Readiness__c', 'lead_readiness', 'made', false, 1796097447519979);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Urgency__c', 'lead_urgency', 'made', false, 1796097447519982);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Urgency__c', 'lead_urgency', 'made', false, 1796097447519985);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Likelihood__c', 'lead_likelihood', 'made', false, 1796097447519988);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Likelihood__c', 'lead_likelihood', 'made', false, 1796097447519992);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Priority__c', 'lead_priority', 'made', false, 1796097447519995);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Priority__c', 'lead_priority', 'made', false, 1796097447519998);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Priority_Index__c', 'lead_priority_index', 'made', false, 1796097447520002);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Priority_Index__c', 'lead_priority_index', 'made', false, 1796097447520005);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Score_Reasons__c', 'lead_score_reasons', 'made', false, 1796097447520008);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Score_Reasons__c', 'lead_score_reasons', 'made', false, 1796097447520011);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Why_Now__c', 'lead_why_now', 'made', false, 1796097447520014);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Why_Now__c', 'lead_why_now', 'made', false, 1796097447520018);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Next_Step__c', 'lead_next_step', 'made', false, 1796097447520021);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Next_Step__c', 'lead_next_step', 'made', false, 1796097447520024);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Priority_Since__c', 'lead_priority_since', 'made', false, 1796097447520027);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Priority_Since__c', 'lead_priority_since', 'made', false, 1796097447520030);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Priority_Rose_At__c', 'lead_priority_rose_at', 'made', false, 1796097447520034);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Priority_Rose_At__c', 'lead_priority_rose_at', 'made', false, 1796097447520037);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Expires_At__c', 'lead_expires_at', 'made', false, 1796097447520041);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Expires_At__c', 'lead_expires_at', 'made', false, 1796097447520044);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Score_Status__c', 'lead_score_status', 'made', false, 1796097447520047);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Score_Status__c', 'lead_score_status', 'made', false, 1796097447520051);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Scorecard__c', 'lead_scorecard', 'made', false, 1796097447520054);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Scorecard__c', 'lead_scorecard', 'made', false, 1796097447520057);
INSERT INTO public.crm_fields VALUES (1, 'Contact.Lead_Scored_At__c', 'lead_scored_at', 'made', false, 1796097447520061);
INSERT INTO public.crm_fields VALUES (1, 'Lead.Lead_Scored_At__c', 'lead_scored_at', 'made', false, 1796097447520064);
INSERT INTO public.cursors VALUES (1, 'accounts', '{"plan":"c0a5517432a7484e","listing":false,"name":"2026-11-30T12:00:01+00:00 baba4016","listed_at":"2026-11-30T12:00:01Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:01Z"}}', NULL, 1796097458701852);
INSERT INTO public.cursors VALUES (1, 'leads', '{"plan":"a98056b7ed91f4f7","listing":false,"name":"2026-11-30T12:00:01+00:00 641537de","listed_at":"2026-11-30T12:00:01Z","since":"2026-11-30T13:00:00Z"}', 8, 1796097458701852);
INSERT INTO public.cursors VALUES (1, 'events', '{"plan":"f2545d88d6ff6e56","listing":false,"name":"2026-11-30T12:00:00+00:00 d3124057","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'emails', '{"plan":"c23b54584c847e57","listing":false,"name":"2026-11-30T12:00:00+00:00 14891e67","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'campaigns', '{"plan":"aea9333e91a5b8bf","listing":false,"name":"2026-11-30T12:00:00+00:00 8bc550e9","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'visits', '{"plan":"122a547db173bc5d","listing":false,"name":"2026-11-30T12:00:00+00:00 2e00c070","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'tasks', '{"plan":"0d987147e779dcef","listing":false,"name":"2026-11-30T12:00:00+00:00 b5c08925","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'pardot', '{"since":"2026-11-30T12:00:00+00:00"}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'actions', '{"plan":"9f0d8fbb0f318586","listing":false,"name":"2026-11-30T12:00:00+00:00 30184840","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z"}', NULL, 1796097458985134);
INSERT INTO public.cursors VALUES (1, 'opportunities', '{"plan":"16ab96245b9dc524","listing":false,"name":"2026-11-30T12:00:00+00:00 ed273003","listed_at":"2026-11-30T12:00:00Z","since":"2026-11-30T13:00:00Z","behind":{"0":"2026-11-30T12:00:00Z","1":"2026-11-30T12:00:00Z"}}', NULL, 1796097458985134);
INSERT INTO public.identity VALUES ('60ba5fcf409c4459b0ae3710597d157a');
INSERT INTO public.leadgauge_schema VALUES ('0028');
INSERT INTO public.leads VALUES (1, 63, '0038d0000000001AAA', '0018d0000000001AAA', '502c58a20d72e4ae9feaeea5c964450b', 1775049612000000, '{"country":"IN","email_domain":"firm-000000.example","free_mailbox":false,"is_student":false,"seniority":"manager"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 209, '0038d0000000002AAA', '0018d0000000001AAA', '8fcfa05aee6d560da22441e9784834cc', 1782906412000000, '{"country":"NL","email_domain":"firm-000000.example","free_mailbox":false,"seniority":"employee"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 180, '0038d0000000003AAA', '0018d0000000002AAA', 'f1878ced9bf096976cd9f67f4f57e112', 1765268245000000, '{"country":"AE","email_domain":"firm-000001.example","free_mailbox":false,"is_student":false}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 13, '0038d0000000004AAA', '0018d0000000001AAA', '6d2b5058c9df52e858ae1ac5e199da11', 1752567794000000, '{"budget":24812.61,"country":"DE","email_domain":"firm-000000.example","free_mailbox":false,"seniority":"director"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 104, '0038d0000000005AAA', NULL, '807fbee557aef3fef4fda251e27c37d4', 1795810953000000, '{"budget":7387.7,"country":"US","email_domain":"post.example","free_mailbox":false,"is_student":false,"seniority":"employee"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 7, '00Q8d0000000001EAA', NULL, 'b1293661c88eb2ed9caa1badd754e05e', 1794729274000000, '{"budget":10467.94,"email_domain":"firm-000001.example","employees":122.0,"free_mailbox":false,"industry":"IT services","is_student":false,"seniority":"c-level"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 233, '00Q8d0000000002EAA', NULL, '57e235aa3baad3e2601b7624e53d04eb', 1780076132000000, '{"budget":5651.36,"country":"AE","email_domain":"inbox.example","free_mailbox":false,"is_student":false,"purchase_by":"2027-06-14","seniority":"manager"}', 9, 9, NULL);
INSERT INTO public.leads VALUES (1, 140, '00Q8d0000000003EAA', NULL, '5671eba097e80d9d124cb8e3225b205c', 1790160613000000, '{"country":"DE","email_domain":"inbox.example","free_mailbox":false,"is_student":false,"seniority":"manager"}', 9, 9, NULL);
INSERT INTO public.listings VALUES (1, '2026-11-30T12:00:01+00:00 641537de', 9, 1796097452164927, 1796097452362203, 1796097452362203);
INSERT INTO public.outboxes VALUES (1, 1, '', NULL, NULL, 1796043600000000, NULL, NULL, true, 'leads', NULL, NULL, 0, 0);
INSERT INTO public.plans VALUES (1, 'accounts', '240b5cc39570e0fc', '["*accounts"]');
INSERT INTO public.plans VALUES (1, 'leads', '3b19c39f939338dd', '["conversion:"]');
INSERT INTO public.plans VALUES (1, 'tasks', '1712bba303de846a', '["task:"]');
INSERT INTO public.plans VALUES (1, 'events', '9aaa7fe37ae1c445', '["event:"]');
INSERT INTO public.plans VALUES (1, 'campaigns', 'fd31890c96dd4610', '["campaign:"]');
INSERT INTO public.plans VALUES (1, 'emails', '7ba7e24dc26232e2', '["email:"]');
INSERT INTO public.plans VALUES (1, 'visits', '2bb1f7e041755235', '["visits:"]');
INSERT INTO public.plans VALUES (1, 'actions', '5fbb2745052ccb1a', '["actions:"]');
INSERT INTO public.plans VALUES (1, 'pardot', '57e6684b1e71b348', '["pardot:"]');
INSERT INTO public.plans VALUES (1, 'opportunities', 'a06506120d3a11f2', '["*deals"]');
INSERT INTO public.results VALUES (1, 7, '00Q8d0000000001EAA', 96, 40, 56, 'A-', 'Being worked', 'later', NULL, 'P2', 77, '+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 96, 40, 56, 'A-', 'Being worked', 'later', NULL, 'P2', 77, '+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 2, 1796040000000001, 'steady', 'Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees', 'Call by 29 Dec · ask about country', 1796040000000000, NULL, 1798588800000000, 'steady', 'Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees', 'Call by 29 Dec · ask about country', 1796040000000000, NULL, 1798588800000000);
INSERT INTO public.results VALUES (1, 140, '00Q8d0000000003EAA', 12, 12, 0, NULL, 'Aware', 'later', NULL, 'P4', 31, '+12 Manager', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 12, 12, 0, NULL, 'Aware', 'later', NULL, 'P4', 31, '+12 Manager', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 4, 1798379273000000, 'steady', 'manager', 'Leave to marketing', 1796040000000000, NULL, NULL, 'steady', 'manager', 'Leave to marketing', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 233, '00Q8d0000000002EAA', 31, 12, 19, NULL, 'Aware', 'later', NULL, 'P4', 29, '+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 31, 12, 19, NULL, 'Aware', 'later', NULL, 'P4', 29, '+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 4, 1796138240914392, 'falling', 'Pricing page on 9 Nov (Pricing) · manager', 'Leave to marketing', 1796040000000000, NULL, NULL, 'falling', 'Pricing page on 9 Nov (Pricing) · manager', 'Leave to marketing', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 13, '0038d0000000004AAA', 40, 40, 0, 'A-', 'Unaware', 'none', NULL, 'P3', 33, '+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 40, 40, 0, 'A-', 'Unaware', 'none', NULL, 'P3', 33, '+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 3, 1796040000000001, 'steady', 'director, 73 employees, budget 24,813', 'Call', 1796040000000000, NULL, NULL, 'steady', 'director, 73 employees, budget 24,813', 'Call', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 180, '0038d0000000003AAA', 26, 20, 6, 'C+', 'Aware', 'later', NULL, 'P4', 31, '+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 26, 20, 6, 'C+', 'Aware', 'later', NULL, 'P4', 31, '+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 4, 1796113384000000, 'steady', 'Pricing page on 17 Nov (Pricing) · IT services, 122 employees', 'Leave to marketing', 1796040000000000, NULL, NULL, 'steady', 'Pricing page on 17 Nov (Pricing) · IT services, 122 employees', 'Leave to marketing', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 209, '0038d0000000002AAA', 23, 23, 0, 'C+', 'Unaware', 'none', NULL, 'P4', 23, '+10 Employees: 20-500 · +8 Finance · +5 Individual contributor', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 23, 23, 0, 'C+', 'Unaware', 'none', NULL, 'P4', 23, '+10 Employees: 20-500 · +8 Finance · +5 Individual contributor', 'scored', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 4, 1798761600000000, 'steady', '73 employees, Finance, employee', 'Leave to marketing', 1796040000000000, NULL, NULL, 'steady', '73 employees, Finance, employee', 'Leave to marketing', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 104, '0038d0000000005AAA', 0, 5, -10, NULL, 'Aware', 'later', NULL, 'P4', 19, '+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 0, 5, -10, NULL, 'Aware', 'later', NULL, 'P4', 19, '+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)', 'insufficient data', 'b2b-saas 346d23905a9d', 1796040000000000, 1796040000000000, NULL, '', 1, 21, NULL, 4, 1796040000000001, 'falling', 'employee', 'Leave to marketing', 1796040000000000, NULL, NULL, 'falling', 'employee', 'Leave to marketing', 1796040000000000, NULL, NULL);
INSERT INTO public.results VALUES (1, 63, '0038d0000000001AAA', 71, 30, 41, 'C+', 'Ready', 'now', NULL, 'P1', 66, '+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)', 'scored', 'b2b-saas 346d23905a9d', 1796043600000000, 71, 30, 41, 'C+', 'Ready', 'now', NULL, 'P1', 66, '+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)', 'scored', 'b2b-saas 346d23905a9d', 1796043600000000, 1796043600000000, NULL, '', 2, 34, NULL, 1, 1796260601781146, 'rising', 'Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance', 'Call now · ask about budget', 1796043600000000, 1796043600000000, 1796688000000000, 'rising', 'Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance', 'Call now · ask about budget', 1796043600000000, 1796043600000000, 1796688000000000);
INSERT INTO public.runs VALUES (1, 1, 'backfill', 'test', 'done', 1796040000000000, 1796040000000000, '{"pages":28,"leads":8,"activities":98,"gone":0,"deleted":0,"excluded":0,"emptied":0,"returned":0,"merged":0,"marked":0,"unmarked":0,"scored":8,"pending":8,"unchanged":0,"ahead":0,"written":8,"refused":0,"calls":48,"total":8,"to_score":0,"to_write":8,"currency":null,"unread_passes":{"accounts":0,"leads":0,"tasks":0,"events":0,"campaigns":0,"emails":0,"visits":0,"actions":0,"pardot":0,"opportunities":0},"compared_at":"2026-11-30T12:00:01.033163+00:00","drift":{},"as_of":"2026-11-30T12:00:00+00:00","exclude":"","judged_by":{"":"b2b-saas 346d23905a9d"},"swept_by":{"":"1 3 lead_engagement lead_expires_at lead_fit lead_grade lead_likelihood lead_next_step lead_priority lead_priority_index lead_priority_rose_at lead_priority_since lead_readiness lead_score lead_score_reasons lead_score_status lead_score_trend lead_scorecard lead_urgency lead_why_now"},"calls_left":799941}', '');
INSERT INTO public.runs VALUES (2, 1, 'sync', 'test', 'done', 1796043600000000, 1796043600000000, '{"pages":13,"leads":8,"activities":1,"gone":0,"deleted":0,"excluded":0,"emptied":0,"returned":0,"merged":0,"marked":0,"unmarked":0,"scored":1,"pending":1,"unchanged":0,"ahead":0,"written":1,"refused":0,"calls":26,"to_score":0,"to_write":1,"currency":null,"unread_passes":{"accounts":0,"leads":0,"tasks":0,"events":0,"campaigns":0,"emails":0,"visits":0,"actions":0,"pardot":0,"opportunities":0},"as_of":"2026-11-30T13:00:00+00:00","exclude":"","judged_by":{"":"b2b-saas 346d23905a9d"},"calls_left":799918}', '');
INSERT INTO public.touchpoints VALUES (1, 1, '17d48f82cc13f89e5d9e0497311d6a9b', 'meeting', NULL, 'Discovery meeting');
INSERT INTO public.touchpoints VALUES (1, 2, 'aee6dc20736a2ec1b0a036ec81eb8e47', 'meeting', NULL, 'Product demonstration');
INSERT INTO public.touchpoints VALUES (1, 3, '8b981ebb39484a4b0dfee5bdca98f638', 'call', NULL, 'Introductory call');
INSERT INTO public.touchpoints VALUES (1, 4, 'afc24547a6ee72373fe7840115577d8e', 'call', NULL, 'Follow-up call');
INSERT INTO public.touchpoints VALUES (1, 5, '20b764694e5247944e923439359855ba', 'email_click', NULL, 'Customer story');
INSERT INTO public.touchpoints VALUES (1, 6, '8feea0d9795e7646d197bff491761b0a', 'email_open', NULL, 'New: integrations');
INSERT INTO public.touchpoints VALUES (1, 7, '8a4920603727950fae7139cc6a7200a3', 'email_open', NULL, 'Customer story');
INSERT INTO public.touchpoints VALUES (1, 8, '0a002cabc1f0baadfa6fa21534c3e4dd', 'email_open', NULL, 'Product news');
INSERT INTO public.touchpoints VALUES (1, 9, '078eaebfaf51ba65be9c0b97eb8c7ee1', 'email_open', NULL, 'Your monthly digest');
INSERT INTO public.touchpoints VALUES (1, 10, '1549a7ac7c06ceb7c4b028882745df49', 'email_click', NULL, 'New: integrations');
INSERT INTO public.touchpoints VALUES (1, 11, '75379a69b59f794a3cf734d374e05cae', 'email_click', NULL, 'Invitation: live tour');
INSERT INTO public.touchpoints VALUES (1, 12, '325ff75bc5f87329dfdffad19e85f738', 'email_open', NULL, 'Invitation: live tour');
INSERT INTO public.touchpoints VALUES (1, 13, 'ebf33e98382ee88fc463d5c7656dfc8c', 'email_click', NULL, 'Your monthly digest');
INSERT INTO public.touchpoints VALUES (1, 14, '2cb4394c3336c2de3476265f9889c884', 'page_view', 'https://www.acme-analytics.example/product/security', 'Security');
INSERT INTO public.touchpoints VALUES (1, 15, '7e0d9da4432e766e395632681040b725', 'page_view', 'https://www.acme-analytics.example/product', 'Product tour');
INSERT INTO public.touchpoints VALUES (1, 16, '9931942d4ba12c6b7be94c96bb814e0f', 'page_view', 'https://www.acme-analytics.example/', 'Acme Analytics');
INSERT INTO public.touchpoints VALUES (1, 17, '13abf3eeb9cd61b53b234ae0d9980ea2', 'page_view', 'https://www.acme-analytics.example/customers', 'Customers');
INSERT INTO public.touchpoints VALUES (1, 18, '64b3be6a2f7a48753b1c3a5e5df01f92', 'page_view', 'https://www.acme-analytics.example/blog/08', 'Why we deleted half our dashboards');
INSERT INTO public.touchpoints VALUES (1, 19, '411323d78bc52b6736e64644bbcae330', 'page_view', 'https://www.acme-analytics.example/blog/10', 'Notes from forty sales calls');
INSERT INTO public.touchpoints VALUES (1, 20, '4c1950a69517025d53067b4e5229048c', 'page_view', 'https://www.acme-analytics.example/product/integrations', 'Integrations');
INSERT INTO public.touchpoints VALUES (1, 21, '654acdb6a911e48cbf0ac592f4e7510b', 'page_view', 'https://www.acme-analytics.example/pricing', 'Pricing');
INSERT INTO public.touchpoints VALUES (1, 22, 'bb32027d36ffb87d7c24f23e9189d7d5', 'page_view', 'https://www.acme-analytics.example/blog/01', 'Five signs of a warm lead');
INSERT INTO public.touchpoints VALUES (1, 23, '5eb1e26e573b2a6ed0d6f728b99cc8d3', 'page_view', 'https://www.acme-analytics.example/blog/02', 'Attribution without tears');
INSERT INTO public.touchpoints VALUES (1, 24, '1c7395606564a64cc1575f0379c7d9d3', 'page_view', 'https://www.acme-analytics.example/careers/data-engineer', 'Data engineer (m/f/d)');
INSERT INTO public.touchpoints VALUES (1, 25, '0021233a994b3f91920346b108a97f3e', 'page_view', 'https://www.acme-analytics.example/blog/06', 'The quiet cost of bad data');
INSERT INTO public.touchpoints VALUES (1, 26, '48b07d3039cf2cea7c0d907198b4e36d', 'page_view', 'https://www.acme-analytics.example/blog/07', 'Forecasts that hold');
INSERT INTO public.touchpoints VALUES (1, 27, '2dd27e6558411278f2f7496a628965a3', 'page_view', 'https://www.acme-analytics.example/blog/05', '数据驱动的销售');
INSERT INTO public.touchpoints VALUES (1, 28, 'f87f0a27cd3274ca7c5d004325daa52a', 'page_view', 'https://www.acme-analytics.example/blog/03', 'What a pipeline review is for');
INSERT INTO public.touchpoints VALUES (1, 29, '4470b225279f3117de5fada4cd700354', 'page_view', 'https://www.acme-analytics.example/blog/09', 'A field guide to intent');
INSERT INTO public.touchpoints VALUES (1, 30, '570802d3876ee93560d13196c2f91dc8', 'page_view', 'https://www.acme-analytics.example/pricing/enterprise', 'Enterprise pricing');
INSERT INTO public.touchpoints VALUES (1, 31, 'bd43e034d48bfb121cd99e58b9f3a1f9', 'page_view', 'https://www.acme-analytics.example/careers', 'Careers');
INSERT INTO public.touchpoints VALUES (1, 32, 'c76281c182a1c5e28126d5fa541708fe', 'contact_request', 'https://www.acme-analytics.example/contact', 'Contact us');
INSERT INTO public.touchpoints VALUES (1, 33, '4fd06b3aaf27dfc2f0a61b7a277004a4', 'form_submit', 'https://www.acme-analytics.example/newsletter', 'Newsletter');
INSERT INTO public.touchpoints VALUES (1, 34, '85a3c03ed75c25e889fa73d2dd2e6c33', 'content_download', 'https://www.acme-analytics.example/resources/3', 'Buyer''s guide 2026');
INSERT INTO public.touchpoints VALUES (1, 35, '3c825699ec2896bbd7063d0260791c9b', 'content_download', 'https://www.acme-analytics.example/resources/4', 'ROI calculator');
INSERT INTO public.touchpoints VALUES (1, 36, 'e4ef944bfdd422887a19fd99ae9c6e32', 'content_download', 'https://www.acme-analytics.example/resources/2', 'Case study: Northwind');
INSERT INTO public.touchpoints VALUES (1, 37, '8705df46b479c7d5b03b0a575a3254f9', 'content_download', 'https://www.acme-analytics.example/resources/1', 'Whitepaper: lead scoring that lasts');
INSERT INTO public.touchpoints VALUES (1, 38, '5b2f387481dae2935f4dea4d49d387cb', 'webinar_register', NULL, 'Forecasting for sales');
INSERT INTO public.touchpoints VALUES (1, 39, '915df5889e1d0c5cd62387a1b34724df', 'webinar_register', NULL, 'Ask the analysts');
INSERT INTO public.touchpoints VALUES (1, 40, '182a9454c568fc1092fa7a47537c3fb3', 'webinar_register', NULL, 'Lead scoring live');
INSERT INTO public.touchpoints VALUES (1, 41, 'bf80ab535067b29639576885aefc0812', 'sales_email', NULL, 'Proposal');
INSERT INTO public.touchpoints VALUES (1, 42, '38fd9b9ebebe1657a6ecaabd032d55cb', 'sales_email', NULL, 'Your request');
INSERT INTO public.touchpoints VALUES (1, 43, '350b740a711ab5d6c99b8e0fd2fa75f5', 'demo_request', 'https://www.acme-analytics.example/demo', 'Request a demo');
INSERT INTO public.writes VALUES (1, 7, '00Q8d0000000001EAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":96,"lead_score_trend":"steady","lead_fit":40,"lead_engagement":56,"lead_grade":"A-","lead_readiness":"Being worked","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P2","lead_priority_index":77,"lead_score_reasons":"+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others","lead_why_now":"Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees","lead_next_step":"Call by 29 Dec · ask about country","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":"2026-12-30T00:00:00Z","lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 140, '00Q8d0000000003EAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":12,"lead_score_trend":"steady","lead_fit":12,"lead_engagement":0,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":31,"lead_score_reasons":"+12 Manager","lead_why_now":"manager","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 233, '00Q8d0000000002EAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":31,"lead_score_trend":"falling","lead_fit":12,"lead_engagement":19,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":29,"lead_score_reasons":"+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others","lead_why_now":"Pricing page on 9 Nov (Pricing) · manager","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 13, '0038d0000000004AAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":40,"lead_score_trend":"steady","lead_fit":40,"lead_engagement":0,"lead_grade":"A-","lead_readiness":"Unaware","lead_urgency":"none","lead_likelihood":null,"lead_priority":"P3","lead_priority_index":33,"lead_score_reasons":"+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)","lead_why_now":"director, 73 employees, budget 24,813","lead_next_step":"Call","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 180, '0038d0000000003AAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":26,"lead_score_trend":"steady","lead_fit":20,"lead_engagement":6,"lead_grade":"C+","lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":31,"lead_score_reasons":"+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)","lead_why_now":"Pricing page on 17 Nov (Pricing) · IT services, 122 employees","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 63, '0038d0000000001AAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":31,"lead_score_trend":"steady","lead_fit":30,"lead_engagement":1,"lead_grade":"C+","lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":27,"lead_score_reasons":"+12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Form on 31 Aug (Newsletter) · manager, 73 employees, Finance","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 209, '0038d0000000002AAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":23,"lead_score_trend":"steady","lead_fit":23,"lead_engagement":0,"lead_grade":"C+","lead_readiness":"Unaware","lead_urgency":"none","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":23,"lead_score_reasons":"+10 Employees: 20-500 · +8 Finance · +5 Individual contributor","lead_why_now":"73 employees, Finance, employee","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 104, '0038d0000000005AAA', 21, 1796040000000000, 1, 'first', '{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}', '{"lead_score":0,"lead_score_trend":"falling","lead_fit":5,"lead_engagement":-10,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":19,"lead_score_reasons":"+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)","lead_why_now":"employee","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO public.writes VALUES (1, 63, '0038d0000000001AAA', 34, 1796043600000000, 2, 'activity', '{"lead_score":31,"lead_score_trend":"steady","lead_engagement":1,"lead_readiness":"Aware","lead_urgency":"later","lead_priority":"P4","lead_priority_index":27,"lead_score_reasons":"+12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Form on 31 Aug (Newsletter) · manager, 73 employees, Finance","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_scored_at":"2026-11-30T12:00:00Z"}', '{"lead_score":71,"lead_score_trend":"rising","lead_engagement":41,"lead_readiness":"Ready","lead_urgency":"now","lead_priority":"P1","lead_priority_index":66,"lead_score_reasons":"+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance","lead_next_step":"Call now · ask about budget","lead_priority_since":"2026-11-30T13:00:00Z","lead_priority_rose_at":"2026-11-30T13:00:00Z","lead_expires_at":"2026-12-08T00:00:00Z","lead_scored_at":"2026-11-30T13:00:00Z"}');
SELECT pg_catalog.setval('public.connections_connection_seq', 1, true);
SELECT pg_catalog.setval('public.outboxes_outbox_seq', 1, true);
SELECT pg_catalog.setval('public.requests_request_seq', 1, false);
SELECT pg_catalog.setval('public.runs_run_seq', 2, true);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_key PRIMARY KEY (connection, account);
ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_key PRIMARY KEY (connection, bucket, lead, id) INCLUDE (touchpoint, occurred_at, seconds, value);
ALTER TABLE ONLY public.addresses
    ADD CONSTRAINT addresses_key PRIMARY KEY (connection, bucket, lead, address);
ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_key PRIMARY KEY (connection, run, prefix, number);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_name UNIQUE (name);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (connection);
ALTER TABLE ONLY public.crm_fields
    ADD CONSTRAINT crm_fields_key PRIMARY KEY (connection, field);
ALTER TABLE ONLY public.crossings
    ADD CONSTRAINT crossings_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.cursors
    ADD CONSTRAINT cursors_key PRIMARY KEY (connection, stream);
ALTER TABLE ONLY public.daemons
    ADD CONSTRAINT daemons_key PRIMARY KEY (process);
ALTER TABLE ONLY public.deal_leads
    ADD CONSTRAINT deal_leads_key PRIMARY KEY (connection, bucket, lead, id);
ALTER TABLE ONLY public.deals
    ADD CONSTRAINT deals_key PRIMARY KEY (connection, deal);
ALTER TABLE ONLY public.departures
    ADD CONSTRAINT departures_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.due
    ADD CONSTRAINT due_key PRIMARY KEY (connection, stream, by, id);
ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_key PRIMARY KEY (connection, lead);
ALTER TABLE ONLY public.excluded
    ADD CONSTRAINT excluded_key PRIMARY KEY (connection, lead, address);
ALTER TABLE ONLY public.field_history
    ADD CONSTRAINT field_history_key PRIMARY KEY (connection, lead, field, since);
ALTER TABLE ONLY public.found
    ADD CONSTRAINT found_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.further_fields
    ADD CONSTRAINT further_fields_key PRIMARY KEY (connection, lead, address, id);
ALTER TABLE ONLY public.in_flight
    ADD CONSTRAINT in_flight_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.kept_out
    ADD CONSTRAINT kept_out_key PRIMARY KEY (connection, digest);
ALTER TABLE ONLY public.leadgauge_schema
    ADD CONSTRAINT leadgauge_schema_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_key PRIMARY KEY (connection, bucket, lead);
ALTER TABLE ONLY public.listings
    ADD CONSTRAINT listings_key PRIMARY KEY (connection, listing);
ALTER TABLE ONLY public.machine_marks
    ADD CONSTRAINT machine_marks_key PRIMARY KEY (connection, bucket, lead, id, marked_at);
ALTER TABLE ONLY public.mail_tallies
    ADD CONSTRAINT mail_tallies_key PRIMARY KEY (connection, bucket, lead, mail_domain);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_key PRIMARY KEY (connection, bucket, lead, segment);
ALTER TABLE ONLY public.merges
    ADD CONSTRAINT merges_key PRIMARY KEY (connection, old);
ALTER TABLE ONLY public.missing
    ADD CONSTRAINT missing_key PRIMARY KEY (connection, lead, activity);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_key PRIMARY KEY (connection, name);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_key PRIMARY KEY (connection, sink, key);
ALTER TABLE ONLY public.outboxes
    ADD CONSTRAINT outboxes_pkey PRIMARY KEY (outbox);
ALTER TABLE ONLY public.outboxes
    ADD CONSTRAINT outboxes_prefix UNIQUE (connection, prefix, of);
ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_key PRIMARY KEY (connection, lead, id);
ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_key PRIMARY KEY (connection, stream);
ALTER TABLE ONLY public.refused
    ADD CONSTRAINT refused_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (request);
ALTER TABLE ONLY public.results
    ADD CONSTRAINT results_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run);
ALTER TABLE ONLY public.scanning_domains
    ADD CONSTRAINT scanning_domains_key PRIMARY KEY (connection, mail_domain);
ALTER TABLE ONLY public.stale
    ADD CONSTRAINT stale_key PRIMARY KEY (outbox, bucket, lead);
ALTER TABLE ONLY public.to_mark
    ADD CONSTRAINT to_mark_key PRIMARY KEY (connection, bucket, lead);
ALTER TABLE ONLY public.touchpoints
    ADD CONSTRAINT touchpoints_key PRIMARY KEY (connection, touchpoint);
ALTER TABLE ONLY public.unclaimed
    ADD CONSTRAINT unclaimed_key PRIMARY KEY (connection, lead, address, id);
ALTER TABLE ONLY public.vanished
    ADD CONSTRAINT vanished_key PRIMARY KEY (connection, bucket, lead);
ALTER TABLE ONLY public.writes
    ADD CONSTRAINT writes_key PRIMARY KEY (outbox, bucket, lead, change);
CREATE INDEX accounts_domain ON public.accounts USING btree (connection, domain) WHERE (domain IS NOT NULL);
CREATE INDEX activities_shared ON public.activities USING btree (connection, id) WHERE ((substr(id, 1, 6) <> ALL (ARRAY['event:'::text, 'email:'::text])) AND (substr(id, 1, 5) <> 'form:'::text));
CREATE INDEX addresses_address ON public.addresses USING btree (connection, address);
CREATE INDEX crossings_crossed ON public.crossings USING btree (outbox, crossed_at);
CREATE INDEX deal_leads_deal ON public.deal_leads USING btree (connection, deal);
CREATE INDEX deals_account ON public.deals USING btree (connection, account);
CREATE INDEX due_heard ON public.due USING btree (connection, heard_at);
CREATE INDEX excluded_account ON public.excluded USING btree (connection, account);
CREATE INDEX excluded_address ON public.excluded USING btree (connection, address);
CREATE INDEX further_fields_id ON public.further_fields USING btree (connection, id);
CREATE INDEX leads_account ON public.leads USING btree (connection, account);
CREATE INDEX leads_address ON public.leads USING btree (connection, address);
CREATE INDEX leads_domain ON public.leads USING btree (connection, domain) WHERE (domain IS NOT NULL);
CREATE INDEX mail_tallies_domain ON public.mail_tallies USING btree (connection, mail_domain);
CREATE INDEX memberships_segment ON public.memberships USING btree (connection, segment);
CREATE INDEX merges_survivor ON public.merges USING btree (connection, survivor);
CREATE INDEX notices_waiting ON public.notices USING btree (connection, sink, due_at) WHERE ((sent_at IS NULL) AND (dropped_at IS NULL));
CREATE INDEX outcomes_id ON public.outcomes USING btree (connection, id);
CREATE INDEX requests_connection ON public.requests USING btree (connection, request);
CREATE INDEX results_due ON public.results USING btree (outbox, due_at);
CREATE INDEX results_pending ON public.results USING btree (outbox, pending, level, lead_priority_index) WHERE (pending IS NOT NULL);
CREATE INDEX results_surprised ON public.results USING btree (outbox, surprised_by) WHERE (surprised_by IS NOT NULL);
CREATE INDEX results_told ON public.results USING btree (outbox, told_by);
CREATE INDEX runs_connection ON public.runs USING btree (connection, run);
CREATE UNIQUE INDEX touchpoints_digest ON public.touchpoints USING btree (connection, digest);
CREATE INDEX unclaimed_address ON public.unclaimed USING btree (connection, address);
CREATE INDEX vanished_address ON public.vanished USING btree (connection, address);
CREATE INDEX writes_run ON public.writes USING btree (outbox, run);
