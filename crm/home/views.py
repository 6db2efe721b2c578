"""Home: the lifecycle map."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Show the lifecycle map."""
    return render(request, "home/home.html")
