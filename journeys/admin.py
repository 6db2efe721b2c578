"""What journeys shows in the admin; each noun keeps its own."""

from journeys.editor.admin import JourneyAdmin

__all__ = ["JourneyAdmin"]
