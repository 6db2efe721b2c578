"""Pages that show all apps together."""

from django.urls import path

from crm.home import style, views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("style/", style.style, name="style"),
]
