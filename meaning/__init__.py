"""What the words of people and CRMs mean: names of forms, job titles, countries, numbers, mailboxes.

Each module is a table of data and the expressions that apply it, the same for every CRM and for files. No I/O.
"""
