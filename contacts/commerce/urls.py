"""Addresses of products and orders."""

from django.urls import URLPattern, path

from contacts.commerce import views

urlpatterns: list[URLPattern] = [
    path("products/", views.product_list, name="products"),
    path("products/new/", views.product_form, name="product-add"),
    path("products/<int:product_id>/", views.product, name="product"),
    path("products/<int:product_id>/edit/", views.product_form, name="product-edit"),
    path("orders/", views.order_list, name="orders"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("orders/<int:order_id>/refund/", views.refund, name="order-refund"),
]
