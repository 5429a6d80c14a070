// Verifies captured webhook deliveries with the npm package standardwebhooks (1.1.1), and nothing of egide; and that
// it refuses each of them once anything in it is changed.
//
// verify_webhook.mjs CAPTURED.json      {"secret": "whsec_...", "deliveries": [{"headers": {...}, "body": "..."}]}
// Exit status 77 (skipped) without the package.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = process.env.EGIDE_NPM_DIR ?? path.join(here, '../../../third_party/npm');
const library = path.join(npm, 'node_modules/standardwebhooks');
if (!existsSync(library)) {
  console.log('skipped: no package standardwebhooks');
  process.exit(77);
}
const { Webhook } = createRequire(import.meta.url)(library);

const captured = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const webhook = new Webhook(captured.secret);
const holds = (headers, body, verifier = webhook) => {
  try {
    verifier.verify(body, headers);
    return true;
  } catch {
    return false;
  }
};
const fail = (what) => {
  console.error(what);
  process.exit(1);
};

if (captured.deliveries.length < 3) fail(`${captured.deliveries.length} deliveries instead of at least 3`);
for (const { headers, body } of captured.deliveries) {
  if (!holds(headers, body)) fail('a delivery is refused');
  const bytes = Buffer.from(body, 'utf8');
  for (let i = 0; i < bytes.length; i += 7) {
    const changed = Buffer.from(bytes);
    changed[i] ^= 1;
    if (holds(headers, changed.toString('latin1'))) fail(`a changed body is accepted, byte ${i}`);
  }
  if (holds({ ...headers, 'webhook-id': `${headers['webhook-id']}0` }, body)) fail('another id is accepted');
  for (const shift of [-1, 1, 600])
    if (holds({ ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + shift) }, body))
      fail('another time is accepted');
  if (holds(headers, body, new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`))) fail('another key is accepted');
}
console.log(`${captured.deliveries.length} deliveries hold, and no changed one`);
