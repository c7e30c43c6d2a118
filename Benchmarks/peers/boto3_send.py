"""Sends letters with boto3 from a pool of threads, as a worker written in an afternoon would.

boto3_send.py PORT COUNT THREADS
"""

import concurrent.futures
import json
import sys
import time

import boto3
import botocore.config

port, count, threads = map(int, sys.argv[1:4])
client = boto3.client(
    "sesv2", region_name="eu-west-1", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    config=botocore.config.Config(max_pool_connections=threads, retries={"total_max_attempts": 1}))
LETTER = b"Subject: You left something behind\r\n\r\n" + b"Blue mug, twice: https://shop.example/checkout/1\r\n" * 80


def send(number):
    client.send_email(
        FromEmailAddress="cart@shop.example", Destination={"ToAddresses": [f"boto{number}@example.com"]},
        Content={"Raw": {"Data": LETTER}})


send(-1)  # the first call loads what the others need
began = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    for done in pool.map(send, range(count)):
        pass
print(json.dumps({"rate": count / (time.monotonic() - began), "answers": count + 1}))
