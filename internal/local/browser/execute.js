// Opens the reference page in Chromium, clicks Execute, and waits for the sample's answer:
//
//   NODE_PATH=node_modules node execute.js ADDRESS CHROMIUM SCREENSHOT
//
// where node_modules has what package-lock.json pins, and SCREENSHOT is the file for a picture of the request and the answer.
// It fails where the answer is another, where a request goes anywhere but to ADDRESS, and where the console tells of an error.
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { chromium } = require('playwright-core')

const [address, executablePath, screenshot] = process.argv.slice(2)
const sample = {
  DeviceName: 'Schmeler Inc and Sons',
  DeviceIdentifier: 'ullam',
  PocketVersion: 'adipisci',
  Language: 'nostrum',
  PNSHandle: 'et',
  Platform: 'Apple',
  OSVersion: 'expedita'
}

async function main () {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'browser-'))
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
    viewport: { width: 1200, height: 1000 }
  })
  try {
    await execute(await browser.newPage())
  } finally {
    await browser.close()
    fs.rmSync(profile, { recursive: true, force: true })
  }
}

async function execute (page) {
  page.setDefaultTimeout(60_000) // in ms, for a machine that is busy
  const complaints = []
  const elsewhere = []
  const asked = []
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('request', request => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.origin !== address) elsewhere.push(request.url())
    if (request.method() === 'POST') asked.push(request)
  })

  await page.goto(address + '/')
  await page.getByRole('button', { name: 'Execute' }).click()
  const answer = page.locator('.live-responses-table')
  await answer.getByText('200', { exact: true }).waitFor()
  const body = await answer.locator('.highlight-code code').first().innerText()

  assert.deepStrictEqual(JSON.parse(body), [sample])
  assert.deepStrictEqual(Object.keys(JSON.parse(body)[0]), Object.keys(sample))
  assert.strictEqual(asked.length, 1)
  const header = await asked[0].allHeaders()
  assert.deepStrictEqual(
    [header.authorization, header['accept-language'], header['content-type'], asked[0].postData()],
    ['Basic dGplMDpUamUw', 'en', 'application/json', '{\n  "AssociateId": 117\n}'])
  assert.deepStrictEqual(complaints, [])
  assert.deepStrictEqual(elsewhere, [])

  await page.evaluate(() => window.scrollTo(0, 0)) // as boxes are measured from what is seen, and pictures from the top
  const request = await page.locator('.opblock-section-request-body').boundingBox()
  const response = await answer.boundingBox()
  const clip = { ...request, height: response.y + response.height - request.y }
  await page.screenshot({ path: screenshot, fullPage: true, clip })
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
