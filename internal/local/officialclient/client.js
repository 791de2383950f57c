// Asks the stack for devices with SuperOffice's own client, as an integrator does, and holds what the client returns to the contract.
//
//   node client.js BASE EVENT
//
// BASE is the stack's address; EVENT is the file of the sample event that claims to be this client's request.
'use strict'
const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { test } = require('node:test')
// Required, not imported: the package's ES modules name each other without .js, which Node does not find.
const { HEADER_NAME_XSRF_TOKEN, NotificationPlatform, PocketAgent, ResourceParsing, WebApi, WebApiStatus } = require('@superoffice/webapi')

const [base, event] = process.argv.slice(2)

// agent connects as somebody and returns the agent. Each call asks with one of its own, for two reasons: the client has one place in the
// process for credentials, that of the WebApi made last; and a request's language stays in an agent that carries headers.
function agent (signIn, options, parsing) {
  const api = new WebApi({ baseUrl: base, ...options })
  signIn(api)
  return api.getPocketAgent(parsing)
}

const tje = api => api.authenticateWithPassword('tje0', 'Tje0')
const sal = api => api.authenticateWithPassword('sal0', 'Sal0')
const adm = api => api.authenticateWithPassword('adm0', 'Adm0')
const ticket = api => api.authenticateWithTicket('7T:tje0')
const token = api => api.authenticateWithToken('8A:Cust12345.tje0')
const nobody = () => {}

// The page's sample device (C-15) as the client shows it: each name with a small first letter, the platform as a member of an enumeration,
// and an eighth property, which the contract leaves out.
const sample = {
  deviceName: 'Schmeler Inc and Sons',
  deviceIdentifier: 'ullam',
  pocketVersion: 'adipisci',
  language: 'nostrum',
  pNSHandle: 'et',
  platform: NotificationPlatform.Apple,
  oSVersion: 'expedita',
  timeZoneId: undefined,
}

// A browser keeps the session itself, and axios copies its XSRF cookie into the header; in Node the integrator does both.
const session = { headers: { Cookie: 'ASP.NET_SessionId=tje0; XSRF-TOKEN=local', [HEADER_NAME_XSRF_TOKEN]: 'local' } }

for (const [how, connect] of Object.entries({
  'by password': () => agent(tje),
  'by password, in the configuration of the agent alone': () => new PocketAgent(base, { auth: { username: 'tje0', password: 'Tje0' } }),
  'by ticket and application token': () => agent(api => { ticket(api); api.applicationToken('any') }),
  'by bearer token': () => agent(token),
  'by session and XSRF cookie': () => agent(nobody, { axiosConfig: session }),
  'at an address that ends in api/': () => agent(tje, { baseUrl: base + '/api/' }),
})) {
  test(`own devices, ${how}`, async () => {
    const options = {}
    assert.deepEqual(await connect().getRegisteredDevicesAsync(117, options), [sample])
    assert.equal(options.requestStatus, WebApiStatus.Completed)
  })
}

for (const [how, id] of [['a text', '117'], ['a request', { associateId: 117 }]]) {
  test(`own devices, the id as ${how}`, async () => {
    assert.deepEqual(await agent(tje).getRegisteredDevicesAsync(id), [sample])
  })
}

test("an administrator gets another's devices", async () => {
  assert.deepEqual(await agent(adm).getRegisteredDevicesAsync(117), [sample])
})

// The client makes an empty array of everything that is none, null and errors in a 200 included; so this looks at what it was made of.
test('no devices are an empty array', async () => {
  let data
  assert.deepEqual(await agent(adm).getRegisteredDevicesAsync(200, { responseCallback: response => { data = response.data } }), [])
  assert.deepEqual(data, [])
})

// A refusal rejects the promise with axios's error, which holds the answer: status, header and the body of C-40, as an object.
for (const [what, signIn, id, status, errorType] of [
  ["another's devices", tje, 118, 403, 'Forbidden'],
  ['the devices of an associate that there is not', tje, 4711, 403, 'Forbidden'],
  ['a wrong password', api => api.authenticateWithPassword('tje0', 'wrong'), 117, 401, 'Unauthorized'],
  ['a ticket without application token', ticket, 117, 401, 'Unauthorized'],
  ['a token that has expired', api => api.authenticateWithToken('8A:Cust12345.expired'), 117, 401, 'Unauthorized'],
  ['no credential', nobody, 117, 401, 'Unauthorized'],
  ['the id 0', tje, 0, 400, 'InvalidAssociateId'],
  ['the id undefined', tje, undefined, 400, 'InvalidAssociateId'],
  ['the id null', tje, null, 400, 'InvalidAssociateId'],
  ['the id -1', tje, -1, 400, 'InvalidAssociateId'],
  ['an id beyond int32', tje, 2147483648, 400, 'InvalidAssociateId'],
  ["a request in the page's spelling, which the client takes for an id", tje, { AssociateId: 117 }, 400, 'InvalidAssociateId'],
]) {
  test(`refused: ${what}`, async () => {
    const options = {}
    const error = await agent(signIn).getRegisteredDevicesAsync(id, options).then(devices => assert.fail(JSON.stringify(devices)), e => e)
    assert.equal(error.response?.status, status, error)
    const { Message, ...rest } = error.response.data
    assert.deepEqual(rest, { Error: true, ErrorType: errorType, RequestId: error.response.headers['x-request-id'] })
    assert.match(Message, /^[A-Z].*\.$/)
    assert.equal(options.requestStatus, WebApiStatus.Failed)
  })
}

test('what the client sends is the sample event', async () => {
  const want = JSON.parse(readFileSync(event))
  let sent
  await agent(token).getRegisteredDevicesAsync(117, { responseCallback: response => { sent = response } })
  assert.equal(sent.request.method, want.httpMethod)
  assert.equal(sent.request.path, want.path)
  assert.equal(sent.config.data, want.body)
  const onTheWay = /^(Host|Content-Length|X-Amzn-.*|X-Forwarded-.*)$/ // depends on the address, or is API Gateway's own
  const fields = header => Object.fromEntries(header.filter(([name]) => !onTheWay.test(name)).sort())
  const { request } = sent
  assert.deepEqual(fields(request.getRawHeaderNames().map(name => [name, request.getHeader(name)])), fields(Object.entries(want.headers)))
})

// The client has no option of its own for $select; axios's params become the query. It shows a platform that is null as undefined.
const nulled = { deviceName: null, deviceIdentifier: null, pocketVersion: null, language: null, pNSHandle: null, oSVersion: null }
for (const [$select, shown] of [
  ['DeviceName', { deviceName: sample.deviceName }],
  ['platform, osversion', { platform: sample.platform, oSVersion: sample.oSVersion }],
  ['name,department,category/id', {}], // the page's own example
]) {
  test(`$select=${$select}`, async () => {
    const devices = await agent(tje, { axiosConfig: { params: { $select } } }).getRegisteredDevicesAsync(117)
    assert.deepEqual(devices, [{ ...nulled, platform: undefined, timeZoneId: undefined, ...shown }])
  })
}

// phone returns the name of sal0's phone, which is stored in two languages.
async function phone (options, requestOptions, parsing) {
  const devices = await agent(sal, options, parsing).getRegisteredDevicesAsync(118, requestOptions)
  assert.deepEqual(devices.map(d => d.deviceIdentifier), ['5f0c3f0e-ipad', '9d1b77a2-phone'])
  assert.equal(devices[0].deviceName, 'Sallys iPad')
  return devices[1].deviceName
}

for (const [languageCode, want] of [['no', 'Min telefon'], ['en', 'My phone'], ['en-us', 'My phone'], ['sv', 'My phone']]) {
  test(`language ${languageCode}`, async () => {
    assert.equal(await phone({ languageCode }), want, 'asked for by the agent, which sends SO-Language')
    assert.equal(await phone({}, { languageCode }), want, 'asked for by the request, which sends Accept-Language as well')
    assert.equal(await phone({ languageCode: 'no' }, { languageCode }), want, "asked for by the request, over the agent's own")
  })
}

for (const [how, ...options] of [
  ['no language'],
  ['an empty language', { languageCode: 'no' }, { languageCode: '' }],
  ['no parsing', { languageCode: 'no' }, {}, ResourceParsing.DoNotParse],
  ['a culture and a time zone', { cultureCode: 'no', timezone: 'NO', timezoneInclude: true }],
]) {
  test(`the text as it is stored, with ${how}`, async () => {
    assert.equal(await phone(...options), 'NO:"Min telefon";US:"My phone"')
  })
}
