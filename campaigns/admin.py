"""What campaigns shows in the admin; each noun keeps its own."""

from campaigns.templating.admin import MailTemplateAdmin

__all__ = ["MailTemplateAdmin"]
