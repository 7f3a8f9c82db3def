"""The small modules behind the cells of the course, one floor a folder.

`page` says things on a page; `maths` are pure functions of tensors; `learning` trains and keeps models;
`figures` draw what they are given; `widgets` join these to a hand.
"""
