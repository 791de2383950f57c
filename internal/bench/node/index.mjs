// The endpoint in Node with the AWS SDK v3, as it is usually written, and the loop that Lambda's Node runtime has around it.
import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import http from "node:http";

const client = new DynamoDBClient({});
const properties = ["DeviceName", "DeviceIdentifier", "PocketVersion", "Language", "PNSHandle", "Platform", "OSVersion"];

async function handler(event) {
  const asked = JSON.parse(event.body).AssociateId;
  const caller = event.requestContext.authorizer;
  if (caller.associateId !== String(asked) && caller.canReadAll !== "true") return { statusCode: 403, body: "{}" };
  const devices = [];
  for await (const page of paginateQuery({ client }, {
    TableName: process.env.DEVICES_TABLE,
    KeyConditionExpression: "AssociateId = :associate",
    ExpressionAttributeValues: { ":associate": { N: String(asked) } },
    ConsistentRead: true,
  })) {
    for (const item of page.Items) {
      if (item.ExpiresAt && Number(item.ExpiresAt.N) <= Date.now() / 1000) continue;
      devices.push(Object.fromEntries(properties.map((name) => [name, item[name]?.S ?? null])));
    }
  }
  console.log(JSON.stringify({ level: "INFO", actor: caller.associateId, target: asked, count: devices.length }));
  return {
    statusCode: 200,
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
    body: JSON.stringify(devices),
  };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host, port, method, path: "/2018-06-01/runtime/invocation/" + path }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const { headers, body } = await ask("GET", "next");
  const answer = await handler(JSON.parse(body));
  await ask("POST", headers["lambda-runtime-aws-request-id"] + "/response", JSON.stringify(answer));
}
