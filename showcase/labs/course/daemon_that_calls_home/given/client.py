"""A client that talks to 127.0.0.1 and to nobody else: client.py PORT MODEL PROMPT."""

import http.client
import json
import sys
import time

port, model, prompt = sys.argv[1:]
said = {"model": model, "messages": [{"role": "user", "content": prompt}]}
for _ in range(30):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    try:
        connection.request("POST", "/api/chat", json.dumps(said))
        break
    except ConnectionRefusedError:  # the server is not up yet
        time.sleep(0.1)
else:
    sys.exit(f"nobody listens at 127.0.0.1:{port}")
reply = connection.getresponse()
print(f"{model}: status {reply.status}, {json.loads(reply.read())}")
