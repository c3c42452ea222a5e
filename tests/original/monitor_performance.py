import time


def monitor_performance(model, data):
    start_time = time.time()
    model.predict(data)
    end_time = time.time()
    print(f"Prediction time: {end_time - start_time} seconds")
