"""Pure rules of the business: what a form's conditions say, what is wrong with it, who may do what next."""
