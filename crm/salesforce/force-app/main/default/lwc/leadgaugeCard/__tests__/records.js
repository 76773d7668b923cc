/** A lead that is scored with every output, as Salesforce hands its values over. */
export const scored = {
  Lead_Score__c: 72,
  Lead_Score_Trend__c: "rising",
  Lead_Fit__c: 30,
  Lead_Engagement__c: 42,
  Lead_Grade__c: "A-",
  Lead_Readiness__c: "Evaluating",
  Lead_Urgency__c: "now",
  Lead_Likelihood__c: 12.5,
  Lead_Priority__c: "P1",
  Lead_Priority_Index__c: 84,
  Lead_Score_Reasons__c: "+20 Decision maker · +18 Contact request (24 Nov 2026) · −6 Careers page",
  Lead_Why_Now__c: "Asked for a demo on 27 Nov · owner, Software",
  Lead_Next_Step__c: "Call by 1 Dec · ask about budget",
  Lead_Priority_Since__c: "2026-11-27T10:00:00.000Z",
  Lead_Priority_Rose_At__c: "2026-11-27T10:00:00.000Z",
  Lead_Expires_At__c: "2026-12-02T12:00:00.000Z",
  Lead_Score_Status__c: "scored",
  Lead_Scorecard__c: "b2b-saas",
  Lead_Scored_At__c: "2026-11-28T21:51:00.000Z",
};

/** A second scorecard, with the prefix `acme_` and without accounts. */
export function second(first) {
  const leads = Object.entries(first.leads).map(([name, output]) => [
    name,
    { ...output, field: `Acme_${output.field}` },
  ]);
  return { ...first, prefix: "acme_", title: "Acme", leads: Object.fromEntries(leads), accounts: null };
}
