"""The common fields of the targets of a polymorphic reference such as `Who` or `Owner`."""

from typing import Final

from leadgauge_sandbox.salesforce.schema.notation import read_fields
from leadgauge_sandbox.salesforce.schema.sobject import SObject

NAME_FIELDS: Final = read_fields(
    """
Id  id  di  ID
Name  string(255)  na  Name
FirstName  string(40)  n  First Name
LastName  string(80)  n  Last Name
Type  string(40)  n  Type
Title  string(128)  n  Title
Email  email(80)  n  Email
Phone  phone(40)  n  Phone
IsDeleted  boolean  d  Deleted
"""
)
NAME: Final = SObject(
    name="Name", label="Name", plural="Names", prefix="", fields={field.name: field for field in NAME_FIELDS}
)
"""The object whose fields can be read through a polymorphic reference."""
TYPE: Final = "Type"
"""The field with the name of the real object; it is not stored."""
