BEGIN TRANSACTION;
CREATE TABLE accounts (
	connection INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	fields TEXT NOT NULL, domain TEXT, read_by BIGINT, 
	CONSTRAINT accounts_key PRIMARY KEY (connection, account)
)
 WITHOUT ROWID

;
INSERT INTO "accounts" VALUES(1,'7945000003','{"employees":73.0,"industry":"Finance"}',NULL,NULL);
INSERT INTO "accounts" VALUES(1,'7945000020','{"employees":122.0,"industry":"IT services"}',NULL,NULL);
CREATE TABLE activities (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	id TEXT NOT NULL, 
	touchpoint INTEGER NOT NULL, 
	occurred_at BIGINT NOT NULL, 
	seconds DOUBLE, 
	value DOUBLE, mail BIGINT, sent_at BIGINT, mail_domain BIGINT, 
	CONSTRAINT activities_key PRIMARY KEY (connection, bucket, lead, id)
)
 WITHOUT ROWID

;
INSERT INTO "activities" VALUES(1,18,'301','event:leviathan-ea34ad5d-ae52-50b2-8087-ab620050f62e-1795859980081',18,1795859980081000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','email:9780c578-d86d-5724-bda8-d155d40f6488',32,1794572147063000,NULL,NULL,6360182407518935065,1794568542063000,6983645505581266405);
INSERT INTO "activities" VALUES(1,37,'201','event:20858235-21603220-189a-5e55-87bf-eea92f953d2d-1794107494881',23,1794107494881000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-1921db2f-e3de-5147-a3f8-c9f0267d9b1c-1792360517105',1,1792360517105000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-2312705c-58e5-5ecb-8de8-08e04a16885e-1793835931419',3,1793835931419000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-3c072350-f4a2-5a76-9ba1-09297c07c7ab-1794011037489',14,1794011037489000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-4a8c6526-161d-5844-95e4-6dc6b4af426d-1794209292370',8,1794209292370000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-7cd7a2bf-89d7-5589-957c-9c98b5273911-1793303324430',12,1793303324430000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-7dba0a13-dd6a-5002-884d-0684655d102e-1794061974422',17,1794061974422000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-87b25490-89af-5279-8e7c-b94e3a7cb730-1795059412087',7,1795059412087000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-a81e3701-07b6-547e-86a8-c66a72ea450f-1793719166453',8,1793719166453000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-a8afd3de-37ca-5887-ad7a-21be3dbda053-1793897266113',3,1793897266113000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-b07c933a-80e5-50e5-ac2e-f3427016f0c3-1794754359393',4,1794754359393000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-c0d6966e-7c19-507f-92f6-8bbb8cc1528f-1794161882990',3,1794161882990000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-d54522de-be4a-5bb4-b43f-ad648159a328-1793701629616',16,1793701629616000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','event:leviathan-d64e5fa6-3da1-5695-b572-a3c1601eec0b-1794912878018',7,1794912878018000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,37,'201','webinar:555440000782:REGISTERED',26,1794767270620000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','calls:40101000001',41,1768089114644000,914.0,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','calls:40101000004',42,1768126753317000,593.0,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','email:2349e175-3d1b-5feb-88a5-f7e1589d7ece',34,1768975688217000,NULL,NULL,4297086342973332922,1768972083217000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','email:7a78b1b4-09bb-5239-97e0-33fd6374e62a',35,1795733171073000,NULL,NULL,-1983599011416477337,1795729566073000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','email:860bad85-2e89-5ff0-87b1-9dd1895517ff',30,1781144529284000,NULL,NULL,6557289060492720359,1781140924284000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','email:9eef4b04-b70e-5a92-8bae-615440bfbd84',32,1781679844563000,NULL,NULL,5219383006562094243,1781676239563000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','email:d599acaa-2175-5ea5-a750-9db68a1c947c',31,1775870282924000,NULL,NULL,6018564355245013831,1775866677924000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','email:ff486d2b-e3e8-5c9e-ae97-743c656e854a',34,1781643477266000,NULL,NULL,-6860652467778830005,1781639872266000,-957864556946538270);
INSERT INTO "activities" VALUES(1,57,'151','event:20858235-2e0cedce-3266-5061-91ff-6236bfec4a3e-1769380916869',21,1769380916869000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:20858235-378acbba-ed47-57b3-87fe-cded0e7fe486-1783071935191',22,1783071935191000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:20858235-7f793714-87a1-5d62-84f3-3500fb6c4590-1768059491763',19,1768059491763000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-0d56b538-f877-5439-ab8b-1e99558ca7f4-1768938206088',4,1768938206088000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-0fb3ea70-e6b8-51fc-ae55-a80971b73991-1795676400887',3,1795676400887000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-268b6d20-d02a-54c0-9724-aa3c5883be59-1781693387922',11,1781693387922000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-3dd8816e-3a67-5829-8b01-c39d07799b16-1775515172710',7,1775515172710000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-47eba7be-c780-5cd4-9e1a-8f50689dc213-1769067193935',2,1769067193935000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-72e0d1ba-51cd-53fb-8229-f2a4b576fd25-1766242177396',2,1766242177396000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-8ea49b82-a54d-5c61-a6a4-614e98a07f77-1776420355936',2,1776420355936000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-91cc2cc7-328f-5a5b-a32a-4a64c4234679-1769677032501',6,1769677032501000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-9e02a433-b671-517d-aea9-249f2f2e5fcb-1775234066256',3,1775234066256000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-b3638566-b1ce-5078-9cb8-fd66b1658a61-1775794171178',3,1775794171178000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-c2f8361f-3e4a-56dc-9bc3-36207fd604af-1769083964454',5,1769083964454000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-d886461e-9d03-5166-9dbe-d6e3c2ec9267-1782013035656',12,1782013035656000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-dac9d594-4ddd-5658-806a-d4bf0cefcfcd-1794903784459',8,1794903784459000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-e7ab65bb-daf8-5c44-942a-efac0fad4538-1768360959787',3,1768360959787000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','event:leviathan-f81ad969-5d2b-5183-9603-b5a906673e3c-1781444877183',9,1781444877183000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','meetings:42101000001',39,1769497582815000,585.0,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,57,'151','webinar:555440000833:REGISTERED',29,1781505438476000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,87,'351','event:leviathan-732f4bc1-36bb-5e6b-9f12-7b0365535fbd-1790603273036',15,1790603273036000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','email:1af086c4-6fd0-592c-bf9b-cddcf7e7c479',35,1784244322644000,NULL,NULL,-7244141614231535407,1784240717644000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,96,'251','email:23359383-6fbb-55ec-a4ab-120bcba2e561',37,1752705171951000,NULL,NULL,-5354073421991927723,1752701566951000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,96,'251','email:3c544409-daa5-5e9b-a2ca-b02d20513f2a',35,1785173432059000,NULL,NULL,8747807272206551550,1785169827059000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,96,'251','email:45d8add8-640a-532f-bca6-ebc478d3fd59',38,1785761473417000,NULL,NULL,-9055904001258784069,1785757868417000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,96,'251','email:d5545f81-5d49-54f7-9ce4-7f0b1c418089',31,1786292606493000,NULL,NULL,2512690074972354355,1786289001493000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,96,'251','emails:41101000001',27,1752822978282000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','emails:41101000004',28,1783907234663000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:20858235-368e10cb-24c0-5405-a601-2338817cc9a0-1752648243340',19,1752648243340000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:20858235-eb4008d3-8405-571d-b3e3-ec21d824c9f1-1767963155376',20,1767963155376000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:20858235-ecfe29a8-f929-51e7-9385-64467bae3499-1785293647293',23,1785293647293000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-2477b267-26c0-5858-adad-932d5cbb7b4f-1782979319975',2,1782979319975000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-5243248c-ad58-5416-a6eb-b79418dfd3f3-1783818304298',13,1783818304298000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-613ae3ef-3a6c-519e-a13c-e9443656dc15-1783895222572',6,1783895222572000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-880c00ba-2627-5c9b-bd48-cafcc1546f8c-1761670736551',1,1761670736551000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-b788453e-3565-571e-88f3-fe1c546ef89e-1784085820595',3,1784085820595000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,96,'251','event:leviathan-bfe34baa-4d73-5806-9a63-caa21f53417a-1783439167294',3,1783439167294000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,115,'51','webinar:555440000799:REGISTERED',25,1787272986631000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','email:59d1ac74-51bd-5728-b302-4912d8d3b61e',35,1795281458000000,NULL,NULL,-810522777831411712,1795277853000000,-957864556946538270);
INSERT INTO "activities" VALUES(1,124,'101','email:652016de-36ab-5405-a596-3221d12c3673',36,1795382546940000,NULL,NULL,3088106660914962691,1795378941940000,-957864556946538270);
INSERT INTO "activities" VALUES(1,124,'101','email:6c3e4a0e-c875-5356-8646-d32b21ecdb2d',31,1795383474083000,NULL,NULL,-1350389994568326636,1795379869083000,-957864556946538270);
INSERT INTO "activities" VALUES(1,124,'101','email:9c431b50-5f59-5fde-806b-2fc9985fa46e',30,1795574577063000,NULL,NULL,-9012229134887113497,1795570972063000,-957864556946538270);
INSERT INTO "activities" VALUES(1,124,'101','event:20858235-2a6472bc-23fe-51be-bd1e-36cdd56ff36a-1795830624316',21,1795830624316000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:20858235-9456dcf8-e2cc-52b6-9701-1b8b273f7c64-1795068465108',22,1795068465108000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:20858235-a2f0b454-d034-5ebf-b6c7-e82f742088fa-1794845025648',24,1794845025648000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-00a7417e-7e39-57af-b334-6dcbc6062b0d-1794752371587',14,1794752371587000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-1527f054-508e-5962-ac48-c559acbb9d84-1794858849477',4,1794858849477000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-2265dc60-7f57-5140-8166-e83d86321cba-1795290898257',8,1795290898257000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-5897cab4-9d9b-5fde-a459-675f0394325d-1795083803987',16,1795083803987000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-7acbf275-229d-5e49-b8db-92ef47c9c1fc-1795158709014',8,1795158709014000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-8854b4e0-7660-5e17-bba7-c975831f8198-1795874451483',4,1795874451483000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-a2125765-c8c2-57f8-bde5-c0f71d757589-1795741543241',3,1795741543241000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-bec1a82b-e926-5a76-8157-89cdabbf73dc-1794887299859',2,1794887299859000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-c002acb6-68eb-5f54-aad4-7e7513175262-1795948904832',3,1795948904832000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','event:leviathan-eedf43cb-1575-557f-84ee-7461b0e51953-1795048200512',2,1795048200512000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,124,'101','meetings:42101000004',40,1795331740802000,1609.0,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','email:3508b2a9-b678-5942-aaf0-3eafd939ca0c',33,1788349998063000,NULL,NULL,-7127543087866541938,1788346393063000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,183,'1','email:dc7d6211-ec85-5aa9-bdb5-6d1b5d18efc1',31,1788741704979000,NULL,NULL,-3092529250779958628,1788738099979000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,183,'1','email:fe33efa5-5254-5a09-a8f7-5a41cb74320e',37,1787588332571000,NULL,NULL,-104201343222756567,1787584727571000,-7323738230206243152);
INSERT INTO "activities" VALUES(1,183,'1','event:20858235-05f6f2fd-0060-53af-a1b5-b0a70b19f514-1782084977755',20,1782084977755000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:20858235-51374601-364a-5de8-8dec-a3d1c61a3173-1775086115113',21,1775086115113000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:20858235-d0849263-329c-5a35-9c16-2c8f67e2ade3-1788210914629',20,1788210914629000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:20858235-ea1bed1b-0b91-5234-9293-31654c2196e0-1796043600000',43,1796043600000000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-128a1d89-ca71-589b-a6ca-881e52100c11-1780641655393',8,1780641655393000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-2905cb6e-1063-5fec-abcf-409b023e043e-1781440131139',7,1781440131139000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-3b9a3c8f-5e3e-5712-89a4-29de529c957e-1787388851948',8,1787388851948000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-3f15b12d-ba69-5eec-a955-f7d5d8473473-1789036996810',3,1789036996810000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-515b4c33-c257-5eb4-b928-1d0d565eeb55-1781607853042',10,1781607853042000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-5a656d64-ea53-594f-a30f-b838906a30f6-1781078774768',8,1781078774768000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-6fa6784e-55a0-5e49-ae51-53a4678c5af3-1786501490767',2,1786501490767000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-85c785fa-2e6b-557a-9943-e4d22ffc2e3c-1781652865745',4,1781652865745000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-a0895656-f697-5159-921f-1a2a1e284a27-1787821751123',14,1787821751123000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','event:leviathan-ecd7df11-23ac-5dcc-ba9f-90ae18d4716c-1781980818158',7,1781980818158000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "activities" VALUES(1,183,'1','webinar:555440000799:REGISTERED',25,1787667288185000,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE addresses (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	address TEXT NOT NULL, 
	CONSTRAINT addresses_key PRIMARY KEY (connection, bucket, lead, address)
)
 WITHOUT ROWID

;
CREATE TABLE chunks (
	connection INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	prefix TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	counts TEXT, 
	CONSTRAINT chunks_key PRIMARY KEY (connection, run, prefix, number)
)
 WITHOUT ROWID

;
CREATE TABLE connections (
	connection INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	changes BIGINT DEFAULT '0' NOT NULL, 
	fields TEXT DEFAULT '{}' NOT NULL, 
	fence BIGINT DEFAULT '0' NOT NULL, 
	holder TEXT, 
	purpose TEXT, 
	until BIGINT, 
	ttl BIGINT, process TEXT, outputs TEXT, links TEXT, deal_fields TEXT DEFAULT '{}' NOT NULL, by_domain TEXT, member_of TEXT DEFAULT '{}' NOT NULL, marked_by INTEGER, 
	PRIMARY KEY (connection), 
	CONSTRAINT connections_name UNIQUE (name)
);
INSERT INTO "connections" VALUES(1,'main',38,'{"seniority":"text","industry":"text","employees":"number","country":"text","budget":"number","email_domain":"text","free_mailbox":"flag","is_student":"flag","purchase_by":"date"}',2,NULL,NULL,NULL,NULL,NULL,'{"lead_engagement":0,"lead_expires_at":0,"lead_fit":0,"lead_grade":0,"lead_likelihood":0,"lead_next_step":0,"lead_priority":0,"lead_priority_index":0,"lead_priority_rose_at":0,"lead_priority_since":0,"lead_readiness":0,"lead_score":0,"lead_score_reasons":0,"lead_score_status":0,"lead_score_trend":0,"lead_scorecard":0,"lead_scored_at":0,"lead_urgency":0,"lead_why_now":0}','{"pages":{"":"https://app.hubspot.com/contacts/20858235/record/0-1/{lead}"},"accounts":{"":"https://app.hubspot.com/contacts/20858235/record/0-2/{lead}"}}','{"open":"flag","won":"flag","closed_at":"time"}',NULL,'{}',1);
CREATE TABLE crm_fields (
	connection INTEGER NOT NULL, 
	field TEXT NOT NULL, 
	output TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	is_new BOOLEAN NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT crm_fields_key PRIMARY KEY (connection, field)
)
 WITHOUT ROWID

;
INSERT INTO "crm_fields" VALUES(1,'lead_engagement','lead_engagement','made',0,1796097417866831);
INSERT INTO "crm_fields" VALUES(1,'lead_expires_at','lead_expires_at','made',0,1796097417866852);
INSERT INTO "crm_fields" VALUES(1,'lead_fit','lead_fit','made',0,1796097417866828);
INSERT INTO "crm_fields" VALUES(1,'lead_grade','lead_grade','made',0,1796097417866832);
INSERT INTO "crm_fields" VALUES(1,'lead_likelihood','lead_likelihood','made',0,1796097417866837);
INSERT INTO "crm_fields" VALUES(1,'lead_next_step','lead_next_step','made',0,1796097417866846);
INSERT INTO "crm_fields" VALUES(1,'lead_priority','lead_priority','made',0,1796097417866839);
INSERT INTO "crm_fields" VALUES(1,'lead_priority_index','lead_priority_index','made',0,1796097417866841);
INSERT INTO "crm_fields" VALUES(1,'lead_priority_rose_at','lead_priority_rose_at','made',0,1796097417866850);
INSERT INTO "crm_fields" VALUES(1,'lead_priority_since','lead_priority_since','made',0,1796097417866848);
INSERT INTO "crm_fields" VALUES(1,'lead_readiness','lead_readiness','made',0,1796097417866834);
INSERT INTO "crm_fields" VALUES(1,'lead_score','lead_score','made',0,1796097417866800);
INSERT INTO "crm_fields" VALUES(1,'lead_score_reasons','lead_score_reasons','made',0,1796097417866843);
INSERT INTO "crm_fields" VALUES(1,'lead_score_status','lead_score_status','made',0,1796097417866854);
INSERT INTO "crm_fields" VALUES(1,'lead_score_trend','lead_score_trend','made',0,1796097417866825);
INSERT INTO "crm_fields" VALUES(1,'lead_scorecard','lead_scorecard','made',0,1796097417866856);
INSERT INTO "crm_fields" VALUES(1,'lead_scored_at','lead_scored_at','made',0,1796097417866858);
INSERT INTO "crm_fields" VALUES(1,'lead_urgency','lead_urgency','made',0,1796097417866836);
INSERT INTO "crm_fields" VALUES(1,'lead_why_now','lead_why_now','made',0,1796097417866844);
CREATE TABLE crossings (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	crossed_at BIGINT, 
	left_at BIGINT, 
	CONSTRAINT crossings_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE cursors (
	connection INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	cursor TEXT NOT NULL, 
	total BIGINT, 
	moved_at BIGINT NOT NULL, 
	CONSTRAINT cursors_key PRIMARY KEY (connection, stream)
)
 WITHOUT ROWID

;
INSERT INTO "cursors" VALUES(1,'calls','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'communications','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427775051);
INSERT INTO "cursors" VALUES(1,'companies','{"until":1796043600000,"looked":1796040000000}',NULL,1796097426642221);
INSERT INTO "cursors" VALUES(1,'contacts','{"until":1796043600000,"looked":1796040000000}',8,1796097426642221);
INSERT INTO "cursors" VALUES(1,'deletions','{"began":1796043600000,"bins":{"contacts":{"read":1796043600000,"pages":1,"live":null},"companies":{"read":1796043600000,"pages":1,"live":null},"deals":{"read":1796043600000,"pages":1,"live":null},"calls":{"read":1796043600000,"pages":1,"live":null},"emails":{"read":1796043600000,"pages":1,"live":null}}}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'email_events.BOUNCE','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'email_events.CLICK','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'email_events.OPEN','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'email_events.SPAMREPORT','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'email_events.STATUSCHANGE','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'emails','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'events.e_form_submission_v2','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'events.e_v2_contact_replied_sequence_email','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'events.e_visited_page','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'forms','{"began":1796043600000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'meetings','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'opportunities','{"until":1796043600000,"looked":1796040000000}',NULL,1796097427759886);
INSERT INTO "cursors" VALUES(1,'webinars','{"began":1796043600000}',NULL,1796097427759886);
CREATE TABLE daemons (
	process TEXT NOT NULL, 
	name TEXT NOT NULL, 
	connections TEXT NOT NULL, 
	beat_at BIGINT NOT NULL, 
	CONSTRAINT daemons_key PRIMARY KEY (process)
)
 WITHOUT ROWID

;
CREATE TABLE deal_leads (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	id TEXT NOT NULL, 
	deal TEXT NOT NULL, 
	CONSTRAINT deal_leads_key PRIMARY KEY (connection, bucket, lead, id)
)
 WITHOUT ROWID

;
CREATE TABLE deals (
	connection INTEGER NOT NULL, 
	deal TEXT NOT NULL, 
	account TEXT, 
	created_at BIGINT, 
	won_at BIGINT, 
	for_account BOOLEAN NOT NULL, 
	fields TEXT NOT NULL, 
	CONSTRAINT deals_key PRIMARY KEY (connection, deal)
)
 WITHOUT ROWID

;
CREATE TABLE departures (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	why TEXT NOT NULL, 
	names TEXT NOT NULL, 
	CONSTRAINT departures_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE due (
	connection INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	id TEXT NOT NULL, 
	changed_at BIGINT, 
	heard_at BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT due_key PRIMARY KEY (connection, stream, "by", id)
)
 WITHOUT ROWID

;
CREATE TABLE entrants (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT entrants_key PRIMARY KEY (connection, lead)
)
 WITHOUT ROWID

;
CREATE TABLE excluded (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	address TEXT NOT NULL, 
	name TEXT NOT NULL, 
	seen BIGINT NOT NULL, account TEXT, changed TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT excluded_key PRIMARY KEY (connection, lead, address)
)
 WITHOUT ROWID

;
CREATE TABLE field_history (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	field TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	value TEXT, "before" TEXT, 
	CONSTRAINT field_history_key PRIMARY KEY (connection, lead, field, since)
)
 WITHOUT ROWID

;
CREATE TABLE found (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	holds TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	mended TEXT NOT NULL, 
	CONSTRAINT found_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE further_fields (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	address TEXT NOT NULL, 
	id TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	fields TEXT NOT NULL, 
	CONSTRAINT further_fields_key PRIMARY KEY (connection, lead, address, id)
)
 WITHOUT ROWID

;
CREATE TABLE identity (
	id TEXT NOT NULL
);
INSERT INTO "identity" VALUES('79ba9a5d1d4d456db95bf65d6c50d0ca');
CREATE TABLE in_flight (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	pending TEXT, 
	causes TEXT NOT NULL, 
	sent_at BIGINT NOT NULL, 
	CONSTRAINT in_flight_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE kept_out (
	connection INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT kept_out_key PRIMARY KEY (connection, digest)
)
 WITHOUT ROWID

;
CREATE TABLE leadgauge_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT leadgauge_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "leadgauge_schema" VALUES('0028');
CREATE TABLE leads (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	account TEXT, 
	address TEXT, 
	created_at BIGINT, 
	fields TEXT NOT NULL, 
	listing BIGINT, 
	first_seen BIGINT NOT NULL, domain TEXT, 
	CONSTRAINT leads_key PRIMARY KEY (connection, bucket, lead)
)
 WITHOUT ROWID

;
INSERT INTO "leads" VALUES(1,18,'301',NULL,'807fbee557aef3fef4fda251e27c37d4',1795810953174000,'{"budget":7387.7,"country":"US","email_domain":"post.example","free_mailbox":false,"is_student":false,"seniority":"employee"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,37,'201',NULL,'57e235aa3baad3e2601b7624e53d04eb',1780076132476000,'{"budget":5651.36,"country":"AE","email_domain":"inbox.example","free_mailbox":false,"is_student":false,"purchase_by":"2027-06-14","seniority":"manager"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,57,'151','7945000020','f1878ced9bf096976cd9f67f4f57e112',1765268245751000,'{"country":"AE","email_domain":"firm-000001.example","free_mailbox":false,"is_student":false}',9,9,NULL);
INSERT INTO "leads" VALUES(1,87,'351',NULL,'5671eba097e80d9d124cb8e3225b205c',1790160613836000,'{"country":"DE","email_domain":"inbox.example","free_mailbox":false,"is_student":false,"seniority":"manager"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,96,'251','7945000003','6d2b5058c9df52e858ae1ac5e199da11',1752567794604000,'{"budget":24812.61,"country":"DE","email_domain":"firm-000000.example","free_mailbox":false,"seniority":"director"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,115,'51','7945000003','8fcfa05aee6d560da22441e9784834cc',1782906412826000,'{"country":"NL","email_domain":"firm-000000.example","free_mailbox":false,"seniority":"employee"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,124,'101','7945000020','b1293661c88eb2ed9caa1badd754e05e',1794729274886000,'{"budget":10467.94,"email_domain":"firm-000001.example","free_mailbox":false,"is_student":false,"seniority":"c-level"}',9,9,NULL);
INSERT INTO "leads" VALUES(1,183,'1','7945000003','502c58a20d72e4ae9feaeea5c964450b',1775049612896000,'{"country":"IN","email_domain":"firm-000000.example","free_mailbox":false,"is_student":false,"seniority":"manager"}',9,9,NULL);
CREATE TABLE listings (
	connection INTEGER NOT NULL, 
	listing TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	started_at BIGINT NOT NULL, 
	finished_at BIGINT, settled_at BIGINT, 
	CONSTRAINT listings_key PRIMARY KEY (connection, listing)
)
 WITHOUT ROWID

;
INSERT INTO "listings" VALUES(1,'933f8cc3fc6c4658abb690c054aa0f8c',9,1796097420338209,1796097420572101,1796097420572101);
CREATE TABLE machine_marks (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	id TEXT NOT NULL, 
	marked_at BIGINT NOT NULL, 
	reasons TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT machine_marks_key PRIMARY KEY (connection, bucket, lead, id, marked_at)
)
 WITHOUT ROWID

;
CREATE TABLE mail_tallies (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	mail_domain BIGINT NOT NULL, 
	mails INTEGER NOT NULL, 
	scanned INTEGER NOT NULL, 
	CONSTRAINT mail_tallies_key PRIMARY KEY (connection, bucket, lead, mail_domain)
)
 WITHOUT ROWID

;
INSERT INTO "mail_tallies" VALUES(1,37,'201',6983645505581266405,1,0);
INSERT INTO "mail_tallies" VALUES(1,57,'151',-957864556946538270,6,0);
INSERT INTO "mail_tallies" VALUES(1,96,'251',-7323738230206243152,5,0);
INSERT INTO "mail_tallies" VALUES(1,124,'101',-957864556946538270,4,0);
INSERT INTO "mail_tallies" VALUES(1,183,'1',-7323738230206243152,3,0);
CREATE TABLE memberships (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	read_at BIGINT NOT NULL, 
	CONSTRAINT memberships_key PRIMARY KEY (connection, bucket, lead, segment)
)
 WITHOUT ROWID

;
CREATE TABLE merges (
	connection INTEGER NOT NULL, 
	old TEXT NOT NULL, 
	survivor TEXT NOT NULL, 
	CONSTRAINT merges_key PRIMARY KEY (connection, old)
)
 WITHOUT ROWID

;
CREATE TABLE missing (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	activity TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT missing_key PRIMARY KEY (connection, lead, activity)
)
 WITHOUT ROWID

;
CREATE TABLE notes (
	connection INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT notes_key PRIMARY KEY (connection, name)
)
 WITHOUT ROWID

;
CREATE TABLE notices (
	connection INTEGER NOT NULL, 
	sink TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	outbox INTEGER, 
	lead TEXT, 
	facts TEXT DEFAULT '{}' NOT NULL, 
	queued_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	sent_at BIGINT, 
	dropped_at BIGINT, 
	error TEXT, 
	CONSTRAINT notices_key PRIMARY KEY (connection, sink, "key")
)
 WITHOUT ROWID

;
CREATE TABLE "outboxes" (
	outbox INTEGER NOT NULL, 
	connection INTEGER NOT NULL, 
	prefix TEXT NOT NULL, 
	held_run INTEGER, 
	held_reason TEXT, 
	sent_until BIGINT, 
	judging INTEGER, 
	held_most INTEGER, 
	allowed BOOLEAN DEFAULT 0 NOT NULL, 
	"of" TEXT DEFAULT 'leads' NOT NULL, alerts_after INTEGER, fed_since BIGINT, fed_moved INTEGER DEFAULT '0' NOT NULL, fed_known INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (outbox), 
	CONSTRAINT outboxes_prefix UNIQUE (connection, prefix, "of")
);
INSERT INTO "outboxes" VALUES(1,1,'',NULL,NULL,1796043600000000,NULL,NULL,1,'leads',NULL,NULL,0,0);
CREATE TABLE outcomes (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	id TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	occurred_at BIGINT NOT NULL, 
	CONSTRAINT outcomes_key PRIMARY KEY (connection, lead, id)
)
 WITHOUT ROWID

;
CREATE TABLE plans (
	connection INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	ids TEXT NOT NULL, 
	CONSTRAINT plans_key PRIMARY KEY (connection, stream)
)
 WITHOUT ROWID

;
INSERT INTO "plans" VALUES(1,'calls','1c8f391daca95c02','["calls:"]');
INSERT INTO "plans" VALUES(1,'communications','d2073d117ef07566','["communications:"]');
INSERT INTO "plans" VALUES(1,'companies','77aab13255358c65','["*accounts"]');
INSERT INTO "plans" VALUES(1,'contacts','e5980e2819d59d10','["customer:"]');
INSERT INTO "plans" VALUES(1,'email_events.BOUNCE','7221298122481163','["email:"]');
INSERT INTO "plans" VALUES(1,'email_events.CLICK','7b69c1228e52ffa1','["email:"]');
INSERT INTO "plans" VALUES(1,'email_events.OPEN','fa0fb62f798a0490','["email:"]');
INSERT INTO "plans" VALUES(1,'email_events.SPAMREPORT','31b4ebaab17b80a6','["email:"]');
INSERT INTO "plans" VALUES(1,'email_events.STATUSCHANGE','72f8da4aac36d63c','["email:"]');
INSERT INTO "plans" VALUES(1,'emails','085bb41eb7c320fc','["emails:"]');
INSERT INTO "plans" VALUES(1,'events.e_form_submission_v2','cafc1b94f6667eea','["event:"]');
INSERT INTO "plans" VALUES(1,'events.e_v2_contact_replied_sequence_email','c8dccc877169aaa4','["event:"]');
INSERT INTO "plans" VALUES(1,'events.e_visited_page','f45f8b20f51e9138','["event:"]');
INSERT INTO "plans" VALUES(1,'forms','4455fbbb41ee667e','["form:"]');
INSERT INTO "plans" VALUES(1,'meetings','d5d59c8058c96f90','["meetings:"]');
INSERT INTO "plans" VALUES(1,'opportunities','8cf0d67478b85a92','["*deals"]');
INSERT INTO "plans" VALUES(1,'webinars','edbc034da05349e9','["webinar:"]');
CREATE TABLE refused (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	next_at BIGINT NOT NULL, 
	CONSTRAINT refused_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE requests (
	request INTEGER NOT NULL, 
	connection INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	options TEXT NOT NULL, 
	asked_by TEXT NOT NULL, 
	asked_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	fence BIGINT, 
	answer TEXT, 
	PRIMARY KEY (request)
);
CREATE TABLE results (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	lead_score INTEGER, 
	lead_fit INTEGER, 
	lead_engagement INTEGER, 
	lead_grade TEXT, 
	lead_readiness TEXT, 
	lead_urgency TEXT, 
	lead_likelihood DOUBLE, 
	lead_priority TEXT, 
	lead_priority_index INTEGER, 
	lead_score_reasons TEXT, 
	lead_score_status TEXT, 
	lead_scorecard TEXT, 
	lead_scored_at BIGINT, 
	told_lead_score INTEGER, 
	told_lead_fit INTEGER, 
	told_lead_engagement INTEGER, 
	told_lead_grade TEXT, 
	told_lead_readiness TEXT, 
	told_lead_urgency TEXT, 
	told_lead_likelihood DOUBLE, 
	told_lead_priority TEXT, 
	told_lead_priority_index INTEGER, 
	told_lead_score_reasons TEXT, 
	told_lead_score_status TEXT, 
	told_lead_scorecard TEXT, 
	told_lead_scored_at BIGINT, 
	told_at BIGINT, 
	pending TEXT, 
	causes TEXT DEFAULT '' NOT NULL, 
	run INTEGER, told_by BIGINT, surprised_by INTEGER, level INTEGER, due_at BIGINT DEFAULT '0', lead_score_trend TEXT, lead_why_now TEXT, lead_next_step TEXT, lead_priority_since BIGINT, lead_priority_rose_at BIGINT, lead_expires_at BIGINT, told_lead_score_trend TEXT, told_lead_why_now TEXT, told_lead_next_step TEXT, told_lead_priority_since BIGINT, told_lead_priority_rose_at BIGINT, told_lead_expires_at BIGINT, 
	CONSTRAINT results_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
INSERT INTO "results" VALUES(1,18,'301',0,5,-10,NULL,'Aware','later',NULL,'P4',19,'+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)','insufficient data','b2b-saas 346d23905a9d',1796040000000000,0,5,-10,NULL,'Aware','later',NULL,'P4',19,'+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)','insufficient data','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,4,1796040000000001,'falling','employee','Leave to marketing',1796040000000000,NULL,NULL,'falling','employee','Leave to marketing',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,37,'201',31,12,19,NULL,'Aware','later',NULL,'P4',29,'+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others','insufficient data','b2b-saas 346d23905a9d',1796040000000000,31,12,19,NULL,'Aware','later',NULL,'P4',29,'+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others','insufficient data','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,4,1796138240914392,'falling','Pricing page on 9 Nov (Pricing) · manager','Leave to marketing',1796040000000000,NULL,NULL,'falling','Pricing page on 9 Nov (Pricing) · manager','Leave to marketing',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,57,'151',26,20,6,'C+','Aware','later',NULL,'P4',31,'+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)','scored','b2b-saas 346d23905a9d',1796040000000000,26,20,6,'C+','Aware','later',NULL,'P4',31,'+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)','scored','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,4,1796113384459000,'steady','Pricing page on 17 Nov (Pricing) · IT services, 122 employees','Leave to marketing',1796040000000000,NULL,NULL,'steady','Pricing page on 17 Nov (Pricing) · IT services, 122 employees','Leave to marketing',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,87,'351',12,12,0,NULL,'Aware','later',NULL,'P4',31,'+12 Manager','insufficient data','b2b-saas 346d23905a9d',1796040000000000,12,12,0,NULL,'Aware','later',NULL,'P4',31,'+12 Manager','insufficient data','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,4,1798379273036000,'steady','manager','Leave to marketing',1796040000000000,NULL,NULL,'steady','manager','Leave to marketing',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,96,'251',40,40,0,'A-','Unaware','none',NULL,'P3',33,'+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)','scored','b2b-saas 346d23905a9d',1796040000000000,40,40,0,'A-','Unaware','none',NULL,'P3',33,'+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)','scored','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,3,1796040000000001,'steady','director, 73 employees, budget 24,813','Call',1796040000000000,NULL,NULL,'steady','director, 73 employees, budget 24,813','Call',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,115,'51',23,23,0,'C+','Unaware','none',NULL,'P4',23,'+10 Employees: 20-500 · +8 Finance · +5 Individual contributor','scored','b2b-saas 346d23905a9d',1796040000000000,23,23,0,'C+','Unaware','none',NULL,'P4',23,'+10 Employees: 20-500 · +8 Finance · +5 Individual contributor','scored','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,4,1798761600000000,'steady','73 employees, Finance, employee','Leave to marketing',1796040000000000,NULL,NULL,'steady','73 employees, Finance, employee','Leave to marketing',1796040000000000,NULL,NULL);
INSERT INTO "results" VALUES(1,124,'101',96,40,56,'A-','Being worked','later',NULL,'P2',77,'+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others','scored','b2b-saas 346d23905a9d',1796040000000000,96,40,56,'A-','Being worked','later',NULL,'P2',77,'+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others','scored','b2b-saas 346d23905a9d',1796040000000000,1796040000000000,NULL,'',1,23,NULL,2,1796040000000001,'steady','Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees','Call by 29 Dec · ask about country',1796040000000000,NULL,1798588800000000,'steady','Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees','Call by 29 Dec · ask about country',1796040000000000,NULL,1798588800000000);
INSERT INTO "results" VALUES(1,183,'1',71,30,41,'C+','Ready','now',NULL,'P1',66,'+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)','scored','b2b-saas 346d23905a9d',1796043600000000,71,30,41,'C+','Ready','now',NULL,'P1',66,'+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)','scored','b2b-saas 346d23905a9d',1796043600000000,1796043600000000,NULL,'',2,37,NULL,1,1796260601781146,'rising','Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance','Call now · ask about budget',1796043600000000,1796043600000000,1796688000000000,'rising','Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance','Call now · ask about budget',1796043600000000,1796043600000000,1796688000000000);
CREATE TABLE runs (
	run INTEGER NOT NULL, 
	connection INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	state TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	counts TEXT DEFAULT '{}' NOT NULL, 
	message TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (run)
);
INSERT INTO "runs" VALUES(1,1,'backfill','test','done',1796040000000000,1796040000000000,'{"pages":29,"leads":8,"activities":98,"gone":0,"deleted":0,"excluded":0,"emptied":0,"returned":0,"merged":0,"marked":0,"unmarked":0,"scored":8,"pending":8,"unchanged":0,"ahead":0,"written":8,"refused":0,"calls":64,"total":8,"to_score":0,"to_write":8,"currency":"USD","unread_passes":{"companies":0,"contacts":0,"events.e_visited_page":0,"events.e_form_submission_v2":0,"events.e_v2_contact_replied_sequence_email":0,"email_events.OPEN":0,"email_events.CLICK":0,"email_events.BOUNCE":0,"email_events.SPAMREPORT":0,"email_events.STATUSCHANGE":0,"forms":0,"webinars":0,"calls":0,"meetings":0,"emails":0,"communications":0,"opportunities":0,"deletions":0},"compared_at":"2026-11-30T12:00:00.152807+00:00","drift":{},"as_of":"2026-11-30T12:00:00+00:00","exclude":"","judged_by":{"":"b2b-saas 346d23905a9d"},"swept_by":{"":"1 3 lead_engagement lead_expires_at lead_fit lead_grade lead_likelihood lead_next_step lead_priority lead_priority_index lead_priority_rose_at lead_priority_since lead_readiness lead_score lead_score_reasons lead_score_status lead_score_trend lead_scorecard lead_urgency lead_why_now"},"calls_left":649930}','');
INSERT INTO "runs" VALUES(2,1,'sync','test','done',1796043600000000,1796043600000000,'{"pages":22,"leads":8,"activities":1,"gone":0,"deleted":0,"excluded":0,"emptied":0,"returned":0,"merged":0,"marked":0,"unmarked":0,"scored":1,"pending":1,"unchanged":0,"ahead":0,"written":1,"refused":0,"calls":39,"to_score":0,"to_write":1,"currency":"USD","unread_passes":{"companies":0,"contacts":0,"events.e_visited_page":0,"events.e_form_submission_v2":0,"events.e_v2_contact_replied_sequence_email":0,"email_events.OPEN":0,"email_events.CLICK":0,"email_events.BOUNCE":0,"email_events.SPAMREPORT":0,"email_events.STATUSCHANGE":0,"forms":0,"webinars":0,"calls":0,"meetings":0,"emails":0,"communications":0,"opportunities":0,"deletions":0},"as_of":"2026-11-30T13:00:00+00:00","exclude":"","judged_by":{"":"b2b-saas 346d23905a9d"},"calls_left":649891}','');
CREATE TABLE scanning_domains (
	connection INTEGER NOT NULL, 
	mail_domain BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT scanning_domains_key PRIMARY KEY (connection, mail_domain)
)
 WITHOUT ROWID

;
CREATE TABLE stale (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	change BIGINT NOT NULL, 
	data BOOLEAN NOT NULL, 
	activity BOOLEAN NOT NULL, 
	CONSTRAINT stale_key PRIMARY KEY (outbox, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE to_mark (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	change BIGINT NOT NULL, 
	CONSTRAINT to_mark_key PRIMARY KEY (connection, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE touchpoints (
	connection INTEGER NOT NULL, 
	touchpoint INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	url TEXT, 
	name TEXT, 
	CONSTRAINT touchpoints_key PRIMARY KEY (connection, touchpoint)
)
 WITHOUT ROWID

;
INSERT INTO "touchpoints" VALUES(1,1,'2cb4394c3336c2de3476265f9889c884','page_view','https://www.acme-analytics.example/product/security','Security');
INSERT INTO "touchpoints" VALUES(1,2,'7e0d9da4432e766e395632681040b725','page_view','https://www.acme-analytics.example/product','Product tour');
INSERT INTO "touchpoints" VALUES(1,3,'9931942d4ba12c6b7be94c96bb814e0f','page_view','https://www.acme-analytics.example/','Acme Analytics');
INSERT INTO "touchpoints" VALUES(1,4,'13abf3eeb9cd61b53b234ae0d9980ea2','page_view','https://www.acme-analytics.example/customers','Customers');
INSERT INTO "touchpoints" VALUES(1,5,'64b3be6a2f7a48753b1c3a5e5df01f92','page_view','https://www.acme-analytics.example/blog/08','Why we deleted half our dashboards');
INSERT INTO "touchpoints" VALUES(1,6,'411323d78bc52b6736e64644bbcae330','page_view','https://www.acme-analytics.example/blog/10','Notes from forty sales calls');
INSERT INTO "touchpoints" VALUES(1,7,'4c1950a69517025d53067b4e5229048c','page_view','https://www.acme-analytics.example/product/integrations','Integrations');
INSERT INTO "touchpoints" VALUES(1,8,'654acdb6a911e48cbf0ac592f4e7510b','page_view','https://www.acme-analytics.example/pricing','Pricing');
INSERT INTO "touchpoints" VALUES(1,9,'bb32027d36ffb87d7c24f23e9189d7d5','page_view','https://www.acme-analytics.example/blog/01','Five signs of a warm lead');
INSERT INTO "touchpoints" VALUES(1,10,'5eb1e26e573b2a6ed0d6f728b99cc8d3','page_view','https://www.acme-analytics.example/blog/02','Attribution without tears');
INSERT INTO "touchpoints" VALUES(1,11,'1c7395606564a64cc1575f0379c7d9d3','page_view','https://www.acme-analytics.example/careers/data-engineer','Data engineer (m/f/d)');
INSERT INTO "touchpoints" VALUES(1,12,'0021233a994b3f91920346b108a97f3e','page_view','https://www.acme-analytics.example/blog/06','The quiet cost of bad data');
INSERT INTO "touchpoints" VALUES(1,13,'48b07d3039cf2cea7c0d907198b4e36d','page_view','https://www.acme-analytics.example/blog/07','Forecasts that hold');
INSERT INTO "touchpoints" VALUES(1,14,'2dd27e6558411278f2f7496a628965a3','page_view','https://www.acme-analytics.example/blog/05','数据驱动的销售');
INSERT INTO "touchpoints" VALUES(1,15,'f87f0a27cd3274ca7c5d004325daa52a','page_view','https://www.acme-analytics.example/blog/03','What a pipeline review is for');
INSERT INTO "touchpoints" VALUES(1,16,'4470b225279f3117de5fada4cd700354','page_view','https://www.acme-analytics.example/blog/09','A field guide to intent');
INSERT INTO "touchpoints" VALUES(1,17,'570802d3876ee93560d13196c2f91dc8','page_view','https://www.acme-analytics.example/pricing/enterprise','Enterprise pricing');
INSERT INTO "touchpoints" VALUES(1,18,'bd43e034d48bfb121cd99e58b9f3a1f9','page_view','https://www.acme-analytics.example/careers','Careers');
INSERT INTO "touchpoints" VALUES(1,19,'c76281c182a1c5e28126d5fa541708fe','contact_request','https://www.acme-analytics.example/contact','Contact us');
INSERT INTO "touchpoints" VALUES(1,20,'84f3a7e27c64ab4b0e7efaf586beb3ab','newsletter_signup','https://www.acme-analytics.example/newsletter','Newsletter');
INSERT INTO "touchpoints" VALUES(1,21,'85a3c03ed75c25e889fa73d2dd2e6c33','content_download','https://www.acme-analytics.example/resources/3','Buyer''s guide 2026');
INSERT INTO "touchpoints" VALUES(1,22,'3c825699ec2896bbd7063d0260791c9b','content_download','https://www.acme-analytics.example/resources/4','ROI calculator');
INSERT INTO "touchpoints" VALUES(1,23,'e4ef944bfdd422887a19fd99ae9c6e32','content_download','https://www.acme-analytics.example/resources/2','Case study: Northwind');
INSERT INTO "touchpoints" VALUES(1,24,'8705df46b479c7d5b03b0a575a3254f9','content_download','https://www.acme-analytics.example/resources/1','Whitepaper: lead scoring that lasts');
INSERT INTO "touchpoints" VALUES(1,25,'915df5889e1d0c5cd62387a1b34724df','webinar_register',NULL,'Ask the analysts');
INSERT INTO "touchpoints" VALUES(1,26,'182a9454c568fc1092fa7a47537c3fb3','webinar_register',NULL,'Lead scoring live');
INSERT INTO "touchpoints" VALUES(1,27,'bf80ab535067b29639576885aefc0812','sales_email',NULL,'Proposal');
INSERT INTO "touchpoints" VALUES(1,28,'38fd9b9ebebe1657a6ecaabd032d55cb','sales_email',NULL,'Your request');
INSERT INTO "touchpoints" VALUES(1,29,'5b2f387481dae2935f4dea4d49d387cb','webinar_register',NULL,'Forecasting for sales');
INSERT INTO "touchpoints" VALUES(1,30,'0a002cabc1f0baadfa6fa21534c3e4dd','email_open',NULL,'Product news');
INSERT INTO "touchpoints" VALUES(1,31,'8a4920603727950fae7139cc6a7200a3','email_open',NULL,'Customer story');
INSERT INTO "touchpoints" VALUES(1,32,'078eaebfaf51ba65be9c0b97eb8c7ee1','email_open',NULL,'Your monthly digest');
INSERT INTO "touchpoints" VALUES(1,33,'325ff75bc5f87329dfdffad19e85f738','email_open',NULL,'Invitation: live tour');
INSERT INTO "touchpoints" VALUES(1,34,'8feea0d9795e7646d197bff491761b0a','email_open',NULL,'New: integrations');
INSERT INTO "touchpoints" VALUES(1,35,'55f8c62428cae64af8f8f7c5ced66c10','email_click','https://www.acme-analytics.example/product','New: integrations');
INSERT INTO "touchpoints" VALUES(1,36,'04075c42ae85c669dd165ec59add5018','email_click','https://www.acme-analytics.example/product','Your monthly digest');
INSERT INTO "touchpoints" VALUES(1,37,'fe9ba9483eb148ec0c2269229e643bc7','email_click','https://www.acme-analytics.example/product','Customer story');
INSERT INTO "touchpoints" VALUES(1,38,'d581ecf9d6d6d272e0d6ff6aa7bbf8ea','email_click','https://www.acme-analytics.example/product','Invitation: live tour');
INSERT INTO "touchpoints" VALUES(1,39,'17d48f82cc13f89e5d9e0497311d6a9b','meeting',NULL,'Discovery meeting');
INSERT INTO "touchpoints" VALUES(1,40,'aee6dc20736a2ec1b0a036ec81eb8e47','meeting',NULL,'Product demonstration');
INSERT INTO "touchpoints" VALUES(1,41,'8b981ebb39484a4b0dfee5bdca98f638','call',NULL,'Introductory call');
INSERT INTO "touchpoints" VALUES(1,42,'afc24547a6ee72373fe7840115577d8e','call',NULL,'Follow-up call');
INSERT INTO "touchpoints" VALUES(1,43,'350b740a711ab5d6c99b8e0fd2fa75f5','demo_request','https://www.acme-analytics.example/demo','Request a demo');
CREATE TABLE unclaimed (
	connection INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	address TEXT NOT NULL, 
	id TEXT NOT NULL, 
	touchpoint INTEGER NOT NULL, 
	occurred_at BIGINT NOT NULL, 
	seconds DOUBLE, 
	value DOUBLE, 
	seen BIGINT NOT NULL, since BIGINT DEFAULT '0' NOT NULL, mail BIGINT, sent_at BIGINT, mail_domain BIGINT, 
	CONSTRAINT unclaimed_key PRIMARY KEY (connection, lead, address, id)
)
 WITHOUT ROWID

;
CREATE TABLE vanished (
	connection INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	account TEXT, 
	address TEXT, 
	created_at BIGINT, 
	fields TEXT NOT NULL, 
	why TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	unsure BOOLEAN NOT NULL, domain TEXT, 
	CONSTRAINT vanished_key PRIMARY KEY (connection, bucket, lead)
)
 WITHOUT ROWID

;
CREATE TABLE writes (
	outbox INTEGER NOT NULL, 
	bucket SMALLINT NOT NULL, 
	lead TEXT NOT NULL, 
	change BIGINT NOT NULL, 
	written_at BIGINT NOT NULL, 
	run INTEGER NOT NULL, 
	causes TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	CONSTRAINT writes_key PRIMARY KEY (outbox, bucket, lead, change)
)
 WITHOUT ROWID

;
INSERT INTO "writes" VALUES(1,18,'301',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":0,"lead_score_trend":"falling","lead_fit":5,"lead_engagement":-10,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":19,"lead_score_reasons":"+5 Individual contributor · −5 Careers page (of 10, 28 Nov 2026)","lead_why_now":"employee","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,37,'201',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":31,"lead_score_trend":"falling","lead_fit":12,"lead_engagement":19,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":29,"lead_score_reasons":"+12 Manager · +9 Pricing page (3×, last 9 Nov 2026) · +6 Whitepaper or case study (8 Nov 2026) · +2 Customer stories (15 Nov 2026) · +1 Webinar registered (15 Nov 2026) · +1 others","lead_why_now":"Pricing page on 9 Nov (Pricing) · manager","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,57,'151',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":26,"lead_score_trend":"steady","lead_fit":20,"lead_engagement":6,"lead_grade":"C+","lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":31,"lead_score_reasons":"+10 IT services · +10 Employees: 20-500 · +5 Pricing page (17 Nov 2026) · +2 Email click (26 Nov 2026) · −1 Careers page (17 Jun 2026)","lead_why_now":"Pricing page on 17 Nov (Pricing) · IT services, 122 employees","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,87,'351',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":12,"lead_score_trend":"steady","lead_fit":12,"lead_engagement":0,"lead_grade":null,"lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":31,"lead_score_reasons":"+12 Manager","lead_why_now":"manager","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"insufficient data","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,96,'251',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":40,"lead_score_trend":"steady","lead_fit":40,"lead_engagement":0,"lead_grade":"A-","lead_readiness":"Unaware","lead_urgency":"none","lead_likelihood":null,"lead_priority":"P3","lead_priority_index":33,"lead_score_reasons":"+17 Decision maker (of 20) · +8 Employees: 20-500 (of 10) · +8 Budget (of 10) · +7 Finance (of 8)","lead_why_now":"director, 73 employees, budget 24,813","lead_next_step":"Call","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,115,'51',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":23,"lead_score_trend":"steady","lead_fit":23,"lead_engagement":0,"lead_grade":"C+","lead_readiness":"Unaware","lead_urgency":"none","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":23,"lead_score_reasons":"+10 Employees: 20-500 · +8 Finance · +5 Individual contributor","lead_why_now":"73 employees, Finance, employee","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,124,'101',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":96,"lead_score_trend":"steady","lead_fit":40,"lead_engagement":56,"lead_grade":"A-","lead_readiness":"Being worked","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P2","lead_priority_index":77,"lead_score_reasons":"+21 Whitepaper or case study (3×, of 22, last 28 Nov 2026) · +16 Decision maker (of 20) · +12 Pricing page (2×, last 21 Nov 2026) · +12 Meeting (22 Nov 2026) · +8 IT services (of 10) · +27 others","lead_why_now":"Downloaded content on 28 Nov (Buyer''s guide 2026) · c-level, IT services, 122 employees","lead_next_step":"Call by 29 Dec · ask about country","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":"2026-12-30T00:00:00Z","lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,183,'1',23,1796040000000000,1,'first','{"lead_score":null,"lead_score_trend":null,"lead_fit":null,"lead_engagement":null,"lead_grade":null,"lead_readiness":null,"lead_urgency":null,"lead_likelihood":null,"lead_priority":null,"lead_priority_index":null,"lead_score_reasons":null,"lead_why_now":null,"lead_next_step":null,"lead_priority_since":null,"lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":null,"lead_scorecard":null,"lead_scored_at":null}','{"lead_score":31,"lead_score_trend":"steady","lead_fit":30,"lead_engagement":1,"lead_grade":"C+","lead_readiness":"Aware","lead_urgency":"later","lead_likelihood":null,"lead_priority":"P4","lead_priority_index":27,"lead_score_reasons":"+12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Subscribed to a newsletter on 31 Aug (Newsletter) · manager, 73 employees, Finance","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_score_status":"scored","lead_scorecard":"b2b-saas 346d23905a9d","lead_scored_at":"2026-11-30T12:00:00Z"}');
INSERT INTO "writes" VALUES(1,183,'1',37,1796043600000000,2,'activity','{"lead_score":31,"lead_score_trend":"steady","lead_engagement":1,"lead_readiness":"Aware","lead_urgency":"later","lead_priority":"P4","lead_priority_index":27,"lead_score_reasons":"+12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Subscribed to a newsletter on 31 Aug (Newsletter) · manager, 73 employees, Finance","lead_next_step":"Leave to marketing","lead_priority_since":"2026-11-30T12:00:00Z","lead_priority_rose_at":null,"lead_expires_at":null,"lead_scored_at":"2026-11-30T12:00:00Z"}','{"lead_score":71,"lead_score_trend":"rising","lead_engagement":41,"lead_readiness":"Ready","lead_urgency":"now","lead_priority":"P1","lead_priority_index":66,"lead_score_reasons":"+40 Demo request (30 Nov 2026) · +12 Manager · +10 Employees: 20-500 · +8 Finance · +1 Form (2×, last 31 Aug 2026)","lead_why_now":"Asked for a demo on 30 Nov (Request a demo) · manager, 73 employees, Finance","lead_next_step":"Call now · ask about budget","lead_priority_since":"2026-11-30T13:00:00Z","lead_priority_rose_at":"2026-11-30T13:00:00Z","lead_expires_at":"2026-12-08T00:00:00Z","lead_scored_at":"2026-11-30T13:00:00Z"}');
CREATE INDEX leads_account ON leads (connection, account);
CREATE INDEX leads_address ON leads (connection, address);
CREATE INDEX merges_survivor ON merges (connection, survivor);
CREATE INDEX runs_connection ON runs (connection, run);
CREATE UNIQUE INDEX touchpoints_digest ON touchpoints (connection, digest);
CREATE INDEX unclaimed_address ON unclaimed (connection, address);
CREATE INDEX writes_run ON writes (outbox, run);
CREATE INDEX vanished_address ON vanished (connection, address);
CREATE INDEX results_surprised ON results (outbox, surprised_by) WHERE surprised_by IS NOT NULL;
CREATE INDEX addresses_address ON addresses (connection, address);
CREATE INDEX activities_shared ON activities (connection, id) WHERE substr(id, 1, 6) NOT IN ('event:', 'email:') AND substr(id, 1, 5) <> 'form:';
CREATE INDEX excluded_address ON excluded (connection, address);
CREATE INDEX excluded_account ON excluded (connection, account);
CREATE INDEX requests_connection ON requests (connection, request);
CREATE INDEX outcomes_id ON outcomes (connection, id);
CREATE INDEX results_pending ON results (outbox, pending, level, lead_priority_index) WHERE pending IS NOT NULL;
CREATE INDEX deals_account ON deals (connection, account);
CREATE INDEX deal_leads_deal ON deal_leads (connection, deal);
CREATE INDEX accounts_domain ON accounts (connection, domain) WHERE domain IS NOT NULL;
CREATE INDEX leads_domain ON leads (connection, domain) WHERE domain IS NOT NULL;
CREATE INDEX memberships_segment ON memberships (connection, segment);
CREATE INDEX crossings_crossed ON crossings (outbox, crossed_at);
CREATE INDEX notices_waiting ON notices (connection, sink, due_at) WHERE sent_at IS NULL AND dropped_at IS NULL;
CREATE INDEX mail_tallies_domain ON mail_tallies (connection, mail_domain);
CREATE INDEX due_heard ON due (connection, heard_at);
CREATE INDEX further_fields_id ON further_fields (connection, id);
CREATE INDEX results_told ON results (outbox, told_by);
CREATE INDEX results_due ON results (outbox, due_at);
COMMIT;
