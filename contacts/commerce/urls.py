"""Addresses of products and orders."""

from django.urls import URLPattern, path

from contacts.commerce.views import orders, products

urlpatterns: list[URLPattern] = [
    path("products/", products.product_list, name="products"),
    path("products/new/", products.product_form, name="product-add"),
    path("products/<int:product_id>/", products.product, name="product"),
    path("products/<int:product_id>/edit/", products.product_form, name="product-edit"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/refund/", orders.refund, name="order-refund"),
    path("orders/<int:order_id>/cancel/", orders.cancel, name="order-cancel"),
    path("people/<int:contact_id>/order/", orders.add, name="order-add"),
]
