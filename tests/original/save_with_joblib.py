from sklearn.linear_model import LinearRegression

X = [[1], [2], [3], [4], [5]]
y = [2, 3, 5, 7, 11]

model = LinearRegression()
model.fit(X, y)

import joblib

joblib.dump(model, "linear_regression_model.pkl")

loaded_model = joblib.load("linear_regression_model.pkl")
print("Coefficients:", loaded_model.coef_)
print("Intercept:", loaded_model.intercept_)
