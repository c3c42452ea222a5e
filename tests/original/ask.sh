curl -X POST http://127.0.0.1:PORT/predict \
    -H "Content-Type: application/json" -d '{"feature": [3]}'
