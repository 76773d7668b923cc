"""The standard objects of the sandbox, in the notation of `schema.notation`."""
# ruff: noqa: E501 - one line a field, as in a table

from typing import Any, Final

from leadgauge_sandbox.salesforce.schema.notation import read_fields
from leadgauge_sandbox.salesforce.schema.sobject import SObject

_INDUSTRIES: Final = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics|"
    "Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality|"
    "Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|"
    "Transportation|Utilities|Other"
)
_SOURCES: Final = "Web|Phone Inquiry|Partner Referral|Purchased List|Other"
_RATINGS: Final = "Hot|Warm|Cold"
_CLEAN: Final = "Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped"
_ACCURACY: Final = "Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown"
_BUYING_ROLES: Final = "Decision Maker|Budget Holder|Executive Sponsor|Champion|Influencer|End User"
_SALUTATIONS: Final = "Mr.|Ms.|Mrs.|Dr.|Prof."
_VIEWED: Final = """
LastViewedDate  datetime  n  Last Viewed Date
LastReferencedDate  datetime  n  Last Referenced Date
"""


def _audit(owner: str = "User") -> str:
    owned = f"OwnerId  reference({owner})  cud  Owner ID\n" if owner else ""
    return f"""{owned}
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
LastModifiedDate  datetime  d  Last Modified Date
LastModifiedById  reference(User)  d  Last Modified By ID
SystemModstamp  datetime  d  System Modstamp
"""


def _address(prefix: str, label: str) -> str:
    whole = f"{prefix}Address"
    return f"""
{prefix}Street  textarea(255)  cunp  {label}Street  compound={whole}  extra=plaintextarea
{prefix}City  string(40)  cunp  {label}City  compound={whole}
{prefix}State  string(80)  cunp  {label}State/Province  compound={whole}
{prefix}PostalCode  string(20)  cunp  {label}Zip/Postal Code  compound={whole}
{prefix}Country  string(80)  cunp  {label}Country  compound={whole}
{prefix}Latitude  double(18.15)  cunp  {label}Latitude  compound={whole}
{prefix}Longitude  double(18.15)  cunp  {label}Longitude  compound={whole}
{prefix}GeocodeAccuracy  picklist(40)  cunpr  {label}Geocode Accuracy  compound={whole}  values={_ACCURACY}
{whole}  address  np  {label}Address
"""


def _person_name(name: str) -> str:
    return f"""
LastName  string(80)  cu  Last Name  compound=Name  extra=personname
FirstName  string(40)  cun  First Name  compound=Name  extra=personname
Salutation  picklist(40)  cun  Salutation  compound=Name  extra=personname  values={_SALUTATIONS}
Name  string(121)  a  {name}  extra=personname  formula=PERSON_NAME
"""


def _start(label: str, *, merges_into: str = "") -> str:
    master = f"MasterRecordId  reference({merges_into})  n  Master Record ID\n" if merges_into else ""
    return f"Id  id  di  {label} ID\nIsDeleted  boolean  d  Deleted\n{master}"


_ACCOUNT: Final = f"""
{_start("Account", merges_into="Account")}
Name  string(255)  cua  Account Name  compound=Name  extra=switchablepersonname
Type  picklist(40)  cunp  Account Type  values=Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Installation Partner|Technology Partner|Other
ParentId  reference(Account)  cunp  Parent Account ID  children=ChildAccounts
{_address("Billing", "Billing ")}
{_address("Shipping", "Shipping ")}
Phone  phone(40)  cunp  Account Phone
Fax  phone(40)  cunp  Account Fax
AccountNumber  string(40)  cunp  Account Number
Website  url(255)  cunp  Website
PhotoUrl  url(255)  n  Photo URL  extra=imageurl  formula=PHOTO_URL
Sic  string(20)  cunp  SIC Code
Industry  picklist(40)  cunp  Industry  values={_INDUSTRIES}
AnnualRevenue  currency(18.0)  cunp  Annual Revenue
NumberOfEmployees  int(8)  cunp  Employees
Ownership  picklist(40)  cunp  Ownership  values=Public|Private|Subsidiary|Other
TickerSymbol  string(20)  cunp  Ticker Symbol
Description  textarea(32000)  cunp  Account Description  extra=plaintextarea
Rating  picklist(40)  cunp  Account Rating  values={_RATINGS}
Site  string(80)  cunp  Account Site
{_audit()}
LastActivityDate  date  n  Last Activity
{_VIEWED}
Jigsaw  string(20)  cunp  Data.com Key
JigsawCompanyId  string(20)  n  Jigsaw Company ID  relationship=JigsawCompany
CleanStatus  picklist(40)  cunpr  Clean Status  values={_CLEAN}
AccountSource  picklist(40)  cunp  Account Source  values={_SOURCES}
DunsNumber  string(9)  cunp  D-U-N-S Number
Tradestyle  string(255)  cunp  Tradestyle
NaicsCode  string(8)  cunp  NAICS Code
NaicsDesc  string(120)  cunp  NAICS Description
YearStarted  string(4)  cunp  Year Started
SicDesc  string(80)  cunp  SIC Description
DandbCompanyId  reference(DandBCompany)  cunp  D&B Company ID
OperatingHoursId  reference(OperatingHours)  cunp  Operating Hour ID
Company_Key__c  double(18.0)  cunpxi  Company Key
Target_Account__c  boolean  cudp  Target Account
"""

_LEAD: Final = f"""
{_start("Lead", merges_into="Lead")}
{_person_name("Full Name")}
Title  string(128)  cunp  Title
Company  string(255)  cu  Company
{_address("", "")}
Phone  phone(40)  cunp  Phone
MobilePhone  phone(40)  cunp  Mobile Phone
Fax  phone(40)  cunp  Fax
Email  email(80)  cunpi  Email
Website  url(255)  cunp  Website
PhotoUrl  url(255)  n  Photo URL  extra=imageurl  formula=PHOTO_URL
Description  textarea(32000)  cunp  Description  extra=plaintextarea
LeadSource  picklist(40)  cunp  Lead Source  values={_SOURCES}
Status  picklist(40)  cud  Status  default=Open - Not Contacted  values=Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted
Industry  picklist(40)  cunp  Industry  values={_INDUSTRIES}
Rating  picklist(40)  cunp  Rating  values={_RATINGS}
AnnualRevenue  currency(18.0)  cunp  Annual Revenue
NumberOfEmployees  int(8)  cunp  Employees
OwnerId  reference(Group,User)  cud  Owner ID
IsConverted  boolean  cd  Converted
ConvertedDate  date  n  Converted Date
ConvertedAccountId  reference(Account)  n  Converted Account ID
ConvertedContactId  reference(Contact)  n  Converted Contact ID
ConvertedOpportunityId  reference(Opportunity)  n  Converted Opportunity ID
IsUnreadByOwner  boolean  cud  Unread By Owner
{_audit("")}
LastActivityDate  date  n  Last Activity
{_VIEWED}
Jigsaw  string(20)  cunp  Data.com Key
JigsawContactId  string(20)  n  Jigsaw Contact ID  relationship=JigsawContact
CleanStatus  picklist(40)  cunpr  Clean Status  values={_CLEAN}
CompanyDunsNumber  string(9)  cunp  Company D-U-N-S Number
DandbCompanyId  reference(DandBCompany)  cunp  D&B Company ID
EmailBouncedReason  string(255)  un  Email Bounced Reason
EmailBouncedDate  datetime  un  Email Bounced Date
IndividualId  reference(Individual)  cun  Individual ID
HasOptedOutOfEmail  boolean  cudp  Email Opt Out
Person_Key__c  double(18.0)  cunpxi  Person Key
Budget__c  currency(18.2)  cunp  Budget
Purchase_By__c  date  cunp  Purchase By
Is_Student__c  picklist(255)  cunp  Is Student  values=true|false
Seniority__c  string(40)  cunp  Seniority
Buying_Role__c  multipicklist(4099)  cunp  Buying Role  values={_BUYING_ROLES}
Email_Domain__c  string(1300)  np  Email Domain  formula=EMAIL_DOMAIN(Email)
Company_Size__c  string(1300)  np  Company Size  formula=CASE_SIZE(NumberOfEmployees)
"""

_CONTACT: Final = f"""
{_start("Contact", merges_into="Contact")}
AccountId  reference(Account)  cunp  Account ID  children=Contacts
{_person_name("Full Name")}
{_address("Other", "Other ")}
{_address("Mailing", "Mailing ")}
Phone  phone(40)  cunp  Business Phone
Fax  phone(40)  cunp  Business Fax
MobilePhone  phone(40)  cunp  Mobile Phone
HomePhone  phone(40)  cunp  Home Phone
OtherPhone  phone(40)  cunp  Other Phone
AssistantPhone  phone(40)  cunp  Asst. Phone
ReportsToId  reference(Contact)  cunp  Reports To ID
Email  email(80)  cunpi  Email
Title  string(128)  cunp  Title
Department  string(80)  cunp  Department
AssistantName  string(40)  cunp  Assistant's Name
LeadSource  picklist(40)  cunp  Lead Source  values={_SOURCES}
Birthdate  date  cunp  Birthdate
Description  textarea(32000)  cunp  Contact Description  extra=plaintextarea
{_audit()}
LastActivityDate  date  n  Last Activity
LastCURequestDate  datetime  n  Last Stay-in-Touch Request Date
LastCUUpdateDate  datetime  n  Last Stay-in-Touch Save Date
{_VIEWED}
EmailBouncedReason  string(255)  cun  Email Bounced Reason
EmailBouncedDate  datetime  cun  Email Bounced Date
IsEmailBounced  boolean  d  Is Email Bounced
PhotoUrl  url(255)  n  Photo URL  extra=imageurl  formula=PHOTO_URL
Jigsaw  string(20)  cunp  Data.com Key
JigsawContactId  string(20)  n  Jigsaw Contact ID  relationship=JigsawContact
CleanStatus  picklist(40)  cunpr  Clean Status  values={_CLEAN}
IndividualId  reference(Individual)  cun  Individual ID
HasOptedOutOfEmail  boolean  cudp  Email Opt Out
Person_Key__c  double(18.0)  cunpxi  Person Key
Budget__c  currency(18.2)  cunp  Budget
Purchase_By__c  date  cunp  Purchase By
Is_Student__c  picklist(255)  cunp  Is Student  values=true|false
Seniority__c  string(40)  cunp  Seniority
Buying_Role__c  multipicklist(4099)  cunp  Buying Role  values={_BUYING_ROLES}
Email_Domain__c  string(1300)  np  Email Domain  formula=EMAIL_DOMAIN(Email)
Company_Size__c  string(1300)  np  Company Size  formula=CASE_SIZE(Account.NumberOfEmployees)
"""

_ACTIVITY_LINKS: Final = """
WhoId  reference(Contact,Lead)  cunp  Name ID  children={children}
WhatId  reference(Account,Campaign,Opportunity)  cunp  Related To ID  children={children}
"""

_TASK: Final = f"""
{_start("Activity")}
{_ACTIVITY_LINKS.format(children="Tasks")}
Subject  combobox(255)  cunp  Subject
ActivityDate  date  cunp  Due Date Only
Status  picklist(40)  cud  Status  default=Not Started  values=Not Started|In Progress|Completed|Waiting on someone else|Deferred
Priority  picklist(40)  cud  Priority  default=Normal  values=High|Normal|Low
IsHighPriority  boolean  d  High Priority
OwnerId  reference(Group,User)  cud  Assigned To ID
Description  textarea(32000)  cunp  Description  extra=plaintextarea
Type  picklist(40)  cunp  Type  values=Call|Email|Meeting|Other
AccountId  reference(Account)  n  Account ID
IsClosed  boolean  d  Closed
{_audit("")}
IsArchived  boolean  d  Archived  formula=TASK_ARCHIVED
CallDurationInSeconds  int(8)  cunp  Call Duration
CallType  picklist(40)  cunp  Call Type  values=Internal|Inbound|Outbound
CallDisposition  string(255)  cunp  Call Result
CallObject  string(255)  cunp  Call Object Identifier
ReminderDateTime  datetime  cunp  Reminder Date/Time
IsReminderSet  boolean  cudp  Reminder Set
TaskSubtype  picklist(40)  cnr  Task Subtype  default=Task  values=Task|Email|ListEmail|Cadence|Call|LinkedIn
CompletedDateTime  datetime  np  Completed Date
"""

_EVENT: Final = f"""
{_start("Activity")}
{_ACTIVITY_LINKS.format(children="Events")}
Subject  combobox(255)  cunp  Subject
Location  string(255)  cunp  Location
IsAllDayEvent  boolean  cudp  All-Day Event
ActivityDateTime  datetime  cunp  Due Date Time
ActivityDate  date  cunp  Due Date Only
DurationInMinutes  int(8)  cunp  Duration
StartDateTime  datetime  cunp  Start Date Time
EndDateTime  datetime  cunp  End Date Time
Description  textarea(32000)  cunp  Description  extra=plaintextarea
AccountId  reference(Account)  n  Account ID
{_audit()}
Type  picklist(40)  cunp  Type  values=Call|Email|Meeting|Other
IsPrivate  boolean  cudp  Private
ShowAs  picklist(40)  cunpr  Show Time As  values=Busy|OutOfOffice|Free
IsChild  boolean  d  Is Child
IsArchived  boolean  d  Archived  formula=EVENT_ARCHIVED
EventSubtype  picklist(40)  cnr  Event Subtype  default=Event  values=Event
IsGroupEvent  boolean  d  Is Group Event
GroupEventType  picklist(40)  cndr  Group Event Type  default=0  values=0|1|2|3
IsRecurrence  boolean  cd  Create Recurring Series of Events
RecurrenceActivityId  reference(Event)  n  Recurrence Activity ID
RecurrenceType  picklist(40)  cunr  Recurrence Type  values=RecursDaily|RecursEveryWeekday|RecursMonthly|RecursMonthlyNth|RecursWeekly|RecursYearly|RecursYearlyNth
RecurrenceStartDateTime  datetime  cun  Recurrence Start
RecurrenceEndDateOnly  date  cun  Recurrence End
IsRecurrence2  boolean  d  Is Repeat
IsRecurrence2Exception  boolean  d  Is Exception
IsRecurrence2Exclusion  boolean  d  Historical Event, Not Following Recurrence
Recurrence2PatternText  textarea(512)  cun  Recurrence Pattern
Recurrence2PatternStartDate  datetime  cun  Pattern Start Date
"""

_EVENT_RELATION: Final = """
Id  id  di  Event Relation ID
RelationId  reference(Account,Campaign,Contact,Lead,Opportunity,User)  cu  Relation ID
EventId  reference(Event)  c  Event ID  children=EventRelations
IsWhat  boolean  d  Is What
IsParent  boolean  cud  Is Parent
IsInvitee  boolean  cud  Is Invitee
AccountId  reference(Account)  n  Account ID
Status  picklist(40)  cunr  Status  values=New|Declined|Accepted|Uninvited|Maybe
RespondedDate  datetime  cun  Response Date
Response  string(255)  cun  Response
IsDeleted  boolean  d  Deleted
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
LastModifiedDate  datetime  d  Last Modified Date
LastModifiedById  reference(User)  d  Last Modified By ID
SystemModstamp  datetime  d  System Modstamp
"""

_ACTIVITY_RELATION: Final = """
Id  id  di  Relation ID
{activity}Id  reference({activity})  -  Activity ID  children={activity}Relations
RelationId  reference(Account,Campaign,Contact,Lead,Opportunity)  n  Relation ID
IsWhat  boolean  d  Is What
AccountId  reference(Account)  n  Account ID
IsDeleted  boolean  d  Deleted
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
LastModifiedDate  datetime  d  Last Modified Date
LastModifiedById  reference(User)  d  Last Modified By ID
SystemModstamp  datetime  d  System Modstamp
"""

_CAMPAIGN: Final = f"""
{_start("Campaign")}
Name  string(80)  cuai  Name
ParentId  reference(Campaign)  cunp  Parent Campaign ID  children=ChildCampaigns
Type  picklist(40)  cundp  Type  default=Conference  values=Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other
Status  picklist(40)  cundp  Status  default=Planned  values=Planned|In Progress|Completed|Aborted
StartDate  date  cunp  Start Date
EndDate  date  cunp  End Date
ExpectedRevenue  currency(18.0)  cunp  Expected Revenue in Campaign
BudgetedCost  currency(18.0)  cunp  Budgeted Cost in Campaign
ActualCost  currency(18.0)  cunp  Actual Cost in Campaign
ExpectedResponse  percent(10.2)  cunp  Expected Response (%)
NumberSent  double(18.0)  cunp  Num Sent in Campaign
IsActive  boolean  cudp  Active
Description  textarea(32000)  cunp  Description  extra=plaintextarea
NumberOfLeads  int(9)  p  Leads in Campaign
NumberOfConvertedLeads  int(9)  p  Converted Leads in Campaign
NumberOfContacts  int(9)  p  Contacts in Campaign
NumberOfResponses  int(9)  p  Responses in Campaign
NumberOfOpportunities  int(9)  p  Opportunities in Campaign
NumberOfWonOpportunities  int(9)  p  Won Opportunities in Campaign
AmountAllOpportunities  currency(18.0)  p  Value Opportunities in Campaign
AmountWonOpportunities  currency(18.0)  p  Value Won Opportunities in Campaign
{_audit()}
LastActivityDate  date  n  Last Activity
{_VIEWED}
CampaignMemberRecordTypeId  reference(RecordType)  cun  Record Type ID
"""

_CAMPAIGN_MEMBER: Final = f"""
{_start("Campaign Member")}
CampaignId  reference(Campaign)  c  Campaign ID  children=CampaignMembers
LeadId  reference(Lead)  cn  Lead ID  children=CampaignMembers
ContactId  reference(Contact)  cn  Contact ID  children=CampaignMembers
Status  picklist(40)  cundp  Status  default=Sent  values=Sent|Responded|Registered|Attended|No Show
HasResponded  boolean  d  Responded
{_audit("")}
FirstRespondedDate  date  np  First Responded Date
LeadOrContactId  reference(Contact,Lead)  n  Related Record ID
LeadOrContactOwnerId  reference(Group,User)  n  Related Record Owner ID
Type  string(40)  n  Related Record Type
Registered_At__c  datetime  cunp  Registered At
Attended_At__c  datetime  cunp  Attended At
"""

_EMAIL_MESSAGE: Final = f"""
{_start("Email Message")}
ParentId  reference(Case)  cn  Case ID
ActivityId  reference(Task)  n  Activity ID
CreatedById  reference(User)  d  Created By ID
CreatedDate  datetime  d  Created Date
LastModifiedDate  datetime  d  Last Modified Date
LastModifiedById  reference(User)  d  Last Modified By ID
SystemModstamp  datetime  d  System Modstamp
TextBody  textarea(32000)  cun  Text Body  extra=plaintextarea
HtmlBody  textarea(131072)  cun  HTML Body
Subject  string(3000)  cun  Subject
FromName  string(1000)  cun  From Name
FromAddress  email(1000)  cun  From Address
ToAddress  string(4000)  cun  To Address
Incoming  boolean  cd  Is Incoming
HasAttachment  boolean  d  Has Attachment
Status  picklist(40)  cudr  Status  default=3  values=0|1|2|3|4|5|6
MessageDate  datetime  cun  Message Date
IsExternallyVisible  boolean  cud  Is Externally Visible
MessageIdentifier  string(765)  cun  Message ID
RelatedToId  reference(Account,Campaign,Opportunity)  cun  Related To ID
IsTracked  boolean  cd  Is Tracked
IsOpened  boolean  d  Opened?
FirstOpenedDate  datetime  cun  First Opened
LastOpenedDate  datetime  cun  Last Opened
IsBounced  boolean  d  Is Bounced
"""

_EMAIL_MESSAGE_RELATION: Final = """
Id  id  di  Email Message Relation ID
EmailMessageId  reference(EmailMessage)  c  Email Message ID  children=EmailMessageRelations
RelationId  reference(Contact,Lead,User)  cn  Relation ID  children=EmailMessageRelations
RelationType  picklist(40)  cr  Relation Type  values=ToAddress|CcAddress|BccAddress|FromAddress|OtherAddress
RelationAddress  string(800)  cn  Relation Address
RelationObjectType  string(40)  n  Relation Object Type
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
SystemModstamp  datetime  d  System Modstamp
IsDeleted  boolean  d  Deleted
"""

_OPPORTUNITY: Final = f"""
{_start("Opportunity")}
AccountId  reference(Account)  cunp  Account ID  children=Opportunities
Name  string(120)  cua  Name
Description  textarea(32000)  cunp  Description  extra=plaintextarea
StageName  picklist(255)  cu  Stage  values=Prospecting|Qualification|Needs Analysis|Value Proposition|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost
Amount  currency(18.2)  cunp  Amount
Probability  percent(3.0)  cundp  Probability (%)
ExpectedRevenue  currency(18.2)  np  Expected Amount
CloseDate  date  cu  Close Date
Type  picklist(255)  cunp  Opportunity Type  values=Existing Customer - Upgrade|Existing Customer - Replacement|New Customer
NextStep  string(255)  cunp  Next Step
LeadSource  picklist(255)  cunp  Lead Source  values={_SOURCES}
IsClosed  boolean  d  Closed
IsWon  boolean  d  Won
ForecastCategory  picklist(40)  d  Forecast Category  values=Omitted|Pipeline|BestCase|Forecast|Closed
CampaignId  reference(Campaign)  cunp  Campaign ID  children=Opportunities
{_audit()}
LastActivityDate  date  n  Last Activity
LastStageChangeDate  datetime  np  Last Stage Change Date
FiscalYear  int(9)  n  Fiscal Year
ContactId  reference(Contact)  cn  Contact ID
HasOpenActivity  boolean  d  Has Open Activity
external_id__c  string(255)  cunpxiq  External ID
"""

_OPPORTUNITY_CONTACT_ROLE: Final = f"""
Id  id  di  Contact Role ID
OpportunityId  reference(Opportunity)  c  Opportunity ID  children=OpportunityContactRoles
ContactId  reference(Contact)  cu  Contact ID  children=OpportunityContactRoles
Role  picklist(40)  cunp  Role  values=Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other
IsPrimary  boolean  cud  Primary
{_audit("")}
IsDeleted  boolean  d  Deleted
"""

_USER: Final = f"""
Id  id  di  User ID
Username  string(80)  cui  Username
LastName  string(80)  cu  Last Name  compound=Name  extra=personname
FirstName  string(40)  cun  First Name  compound=Name  extra=personname
Name  string(121)  a  Full Name  extra=personname  formula=PERSON_NAME
CompanyName  string(80)  cun  Company Name
Email  email(128)  cui  Email
Alias  string(8)  cu  Alias
IsActive  boolean  cud  Active
TimeZoneSidKey  picklist(40)  cur  Time Zone  values=UTC|America/Los_Angeles|Europe/Berlin
LocaleSidKey  picklist(40)  cur  Locale  values=en_US|de_DE
LanguageLocaleKey  picklist(40)  cur  Language  values=en_US|de
ProfileId  reference(Profile)  cu  Profile ID
UserType  picklist(40)  n  User Type  values=Standard
{_audit("")}
LastLoginDate  datetime  n  Last Login
"""

_GROUP: Final = f"""
Id  id  di  Group ID
Name  string(40)  cua  Name
DeveloperName  string(80)  cun  Developer Name
Type  picklist(40)  c  Type  values=Queue|Regular
{_audit("")}
"""

_PROFILE: Final = f"""
Id  id  di  Profile ID
Name  string(255)  cua  Name
UserType  picklist(40)  n  User Type  values=Standard
{_audit("")}
"""

_ORGANIZATION: Final = f"""
Id  id  di  Organization ID
Name  string(80)  ua  Name
IsSandbox  boolean  d  Is Sandbox
OrganizationType  picklist(40)  n  Edition  values=Developer Edition|Enterprise Edition
InstanceName  string(5)  n  Instance Name
TimeZoneSidKey  picklist(40)  un  Time Zone  values=UTC
NamespacePrefix  string(15)  n  Namespace Prefix
{_audit("")}
"""

_PERMISSION_SET: Final = f"""
Id  id  di  PermissionSet ID
Name  string(80)  cuai  Permission Set Name
Label  string(80)  cu  Permission Set Label
NamespacePrefix  string(15)  n  Namespace Prefix
Description  string(255)  cun  Description
IsOwnedByProfile  boolean  d  Is Owned By Profile
IsCustom  boolean  d  Is Custom
ProfileId  reference(Profile)  n  Profile ID
PermissionsViewAllData  boolean  cud  View All Data
PermissionsModifyAllData  boolean  cud  Modify All Data
{_audit("")}
"""

_PERMISSION_SET_ASSIGNMENT: Final = """
Id  id  di  PermissionSetAssignment ID
PermissionSetId  reference(PermissionSet)  c  PermissionSet ID  children=Assignments
AssigneeId  reference(User)  c  Assignee ID  children=PermissionSetAssignments
SystemModstamp  datetime  d  Date Assigned
"""

_FIELD_PERMISSIONS: Final = """
Id  id  di  Field Permissions ID
ParentId  reference(PermissionSet)  c  Parent ID  children=FieldPerms
SobjectType  picklist(40)  c  Sobject Type Name
Field  picklist(250)  c  Field Name
PermissionsEdit  boolean  cud  Edit Field
PermissionsRead  boolean  cud  Read Field
SystemModstamp  datetime  d  System Modstamp
"""

_OBJECT_PERMISSIONS: Final = """
Id  id  di  Object Permissions ID
ParentId  reference(PermissionSet)  c  Parent ID  children=ObjectPerms
SobjectType  picklist(40)  c  Sobject Type Name
PermissionsCreate  boolean  cud  Create
PermissionsRead  boolean  cud  Read
PermissionsEdit  boolean  cud  Edit
PermissionsDelete  boolean  cud  Delete
PermissionsViewAllRecords  boolean  cud  View All
PermissionsModifyAllRecords  boolean  cud  Modify All
SystemModstamp  datetime  d  System Modstamp
"""

_TOPIC: Final = """
Id  id  di  Topic ID
Name  string(99)  cuai  Name
Description  string(1000)  cun  Description
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
TalkingAbout  int(9)  -  Talking About
SystemModstamp  datetime  d  System Modstamp
"""

_TOPIC_ASSIGNMENT: Final = """
Id  id  di  Topic Assignment ID
TopicId  reference(Topic)  c  Topic ID
EntityId  reference(Account,Campaign,Contact,Lead,Opportunity)  c  Entity ID
EntityType  picklist(40)  n  Object Type
CreatedDate  datetime  d  Created Date
CreatedById  reference(User)  d  Created By ID
IsDeleted  boolean  d  Deleted
SystemModstamp  datetime  d  System Modstamp
"""

_WEB_EVENT: Final = """
Lead__c  reference(Lead)  cunp  Lead  children={children}
Contact__c  reference(Contact)  cunp  Contact  children={children}
Occurred_At__c  datetime  cunp  Occurred At
Kind__c  string(40)  cunp  Kind
URL__c  url(255)  cunp  URL
"""

_WEB_VISIT: Final = f"""
{_start("Web Visit")}
Name  string(80)  na  Web Visit
{_WEB_EVENT.format(children="Web_Visits__r")}
Seconds__c  double(9.0)  cunp  Seconds
{_audit()}
"""

_WEB_ACTION: Final = f"""
{_start("Web Action")}
Name  string(80)  na  Web Action
{_WEB_EVENT.format(children="Web_Actions__r")}
Asset__c  string(255)  cunp  Asset
Value__c  double(16.2)  cunp  Value
{_audit()}
"""

_FIELD_HISTORY: Final = """
Id  id  di  History ID
IsDeleted  boolean  d  Deleted
{parent}Id  reference({parent})  -  {parent} ID  children=Histories
CreatedById  reference(User)  d  Created By ID
CreatedDate  datetime  d  Created Date
Field  picklist(255)  -  Changed Field
DataType  picklist(40)  n  Datatype
OldValue  anyType  n  Old Value
NewValue  anyType  n  New Value
"""

_ENTITY_DEFINITION: Final = """
Id  string(70)  -  Entity Definition ID
DurableId  string(255)  n  Durable ID
QualifiedApiName  string(70)  n  Qualified API Name
DeveloperName  string(40)  n  Developer Name
Label  string(80)  n  Label
PluralLabel  string(80)  n  Plural Label
KeyPrefix  string(3)  n  Key Prefix
IsQueryable  boolean  d  Is Queryable
IsCustomizable  boolean  d  Is Customizable
"""

_FIELD_DEFINITION: Final = """
DurableId  string(255)  n  Durable ID
QualifiedApiName  string(70)  n  Qualified API Name
DeveloperName  string(40)  n  Developer Name
EntityDefinitionId  string(255)  n  Entity Definition ID  relationship=EntityDefinition  reference_to=EntityDefinition
Label  string(80)  n  Label
DataType  string(255)  n  Data Type
Length  int(9)  n  Length
Precision  int(9)  n  Precision
Scale  int(9)  n  Scale
IsNillable  boolean  d  Is Nillable
IsCalculated  boolean  d  Is Calculated
Description  textarea(255)  n  Description
"""

_CUSTOM_FIELD: Final = """
Id  id  di  Custom Field ID
DeveloperName  string(40)  n  Developer Name
TableEnumOrId  string(40)  n  Entity ID
EntityDefinitionId  string(255)  n  Entity Definition ID  relationship=EntityDefinition  reference_to=EntityDefinition
FullName  string(255)  cun  Full Name
Length  int(9)  n  Length
Precision  int(9)  n  Precision
Scale  int(9)  n  Scale
NamespacePrefix  string(15)  n  Namespace Prefix
InlineHelpText  string(255)  n  Help Text
Description  string(255)  n  Description
"""

_EVENT_CHANNEL: Final = """
Id  id  di  Platform Event Channel ID
IsDeleted  boolean  d  Deleted
DeveloperName  string(80)  -  Name
FullName  string(255)  cun  Full Name
MasterLabel  string(80)  -  Label
ChannelType  picklist(40)  r  Channel Type  values=data|event
"""

_EVENT_CHANNEL_MEMBER: Final = """
Id  id  di  Platform Event Channel Member ID
IsDeleted  boolean  d  Deleted
DeveloperName  string(80)  -  Name
FullName  string(255)  cun  Full Name
MasterLabel  string(80)  n  Label
EventChannel  string(255)  -  Event Channel
SelectedEntity  string(255)  -  Selected Entity
FilterExpression  string(131072)  n  Filter Expression
"""

PREFIXES: Final = {"Web_Visit__c": "a00", "Web_Action__c": "a01"}


def standard_objects() -> dict[str, SObject]:
    """Return a new copy of all objects, by name."""
    read_only = {"createable": False, "updateable": False, "deletable": False}
    objects = (
        _object("Account", "001", _ACCOUNT, mergeable=True, searchable=True),
        _object("Contact", "003", _CONTACT, mergeable=True, searchable=True),
        _object("Lead", "00Q", _LEAD, mergeable=True, searchable=True),
        _object("Task", "00T", _TASK, searchable=True),
        _object("Event", "00U", _EVENT, searchable=True),
        _object("TaskRelation", "0RT", _ACTIVITY_RELATION.format(activity="Task"), **read_only),
        _object("EventRelation", "0RE", _EVENT_RELATION, label="Event Relation"),
        _object("Campaign", "701", _CAMPAIGN, searchable=True),
        # Never in the recycle bin: https://github.com/airbytehq/airbyte/issues/44845 (2026-11).
        _object("CampaignMember", "00v", _CAMPAIGN_MEMBER, label="Campaign Member", recycled=False),
        _object("EmailMessage", "02s", _EMAIL_MESSAGE, label="Email Message"),
        _object("EmailMessageRelation", "0PE", _EMAIL_MESSAGE_RELATION, label="Email Message Relation"),
        _object("Opportunity", "006", _OPPORTUNITY, plural="Opportunities", searchable=True),
        _object("OpportunityContactRole", "00K", _OPPORTUNITY_CONTACT_ROLE, label="Opportunity Contact Role"),
        _object("User", "005", _USER, deletable=False, searchable=True),
        _object("Group", "00G", _GROUP),
        _object("Profile", "00e", _PROFILE, createable=False, deletable=False),
        _object("Organization", "00D", _ORGANIZATION, createable=False, deletable=False),
        _object("PermissionSet", "0PS", _PERMISSION_SET, label="Permission Set"),
        _object("PermissionSetAssignment", "0Pa", _PERMISSION_SET_ASSIGNMENT, label="Permission Set Assignment"),
        _object("FieldPermissions", "01k", _FIELD_PERMISSIONS, label="Field Permissions", plural="Field Permissions"),
        _object("ObjectPermissions", "110", _OBJECT_PERMISSIONS, label="Object Permissions"),
        _object("Topic", "0TO", _TOPIC, searchable=True, typed=False),
        _object("TopicAssignment", "0FT", _TOPIC_ASSIGNMENT, label="Topic Assignment"),
        _object("Web_Visit__c", PREFIXES["Web_Visit__c"], _WEB_VISIT, label="Web Visit"),
        _object("Web_Action__c", PREFIXES["Web_Action__c"], _WEB_ACTION, label="Web Action"),
        _object("LeadHistory", "00q", _FIELD_HISTORY.format(parent="Lead"), label="Lead History", **read_only),
        _object("ContactHistory", "03l", _FIELD_HISTORY.format(parent="Contact"), label="Contact History", **read_only),
        _object("EntityDefinition", "4ie", _ENTITY_DEFINITION, label="Entity Definition", virtual=True, **read_only),
        _object("FieldDefinition", "4fe", _FIELD_DEFINITION, label="Field Definition", virtual=True, **read_only),
    )
    return {each.name: each for each in objects}


def tooling_objects() -> dict[str, SObject]:
    """Return the objects of the Tooling API only."""
    objects = (
        _object("CustomField", "00N", _CUSTOM_FIELD, label="Custom Field", virtual=True),
        _object("PlatformEventChannel", "0YL", _EVENT_CHANNEL, label="Platform Event Channel"),
        _object("PlatformEventChannelMember", "0v8", _EVENT_CHANNEL_MEMBER, label="Platform Event Channel Member"),
    )
    return {each.name: each for each in objects}


def _object(name: str, prefix: str, table: str, **attributes: Any) -> SObject:
    label = attributes.pop("label", name)
    plural = attributes.pop("plural", f"{label}s")
    fields = {field.name: field for field in read_fields(table)}
    return SObject(name=name, label=label, plural=plural, prefix=prefix, fields=fields, **attributes)
