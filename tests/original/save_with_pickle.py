import pickle

with open("linear_regression_model.pkl", "wb") as file:
    pickle.dump(model, file)

with open("linear_regression_model.pkl", "rb") as file:
    loaded_model = pickle.load(file)

print("Coefficients:", loaded_model.coef_)
print("Intercept:", loaded_model.intercept_)
