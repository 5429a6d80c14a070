// Verifies a log of egide with the npm package @sigstore/verify (3.1.1, deep imports), and nothing of egide.
//
//   node verify.mjs --base DIR|http://127.0.0.1:PORT --vkey KEY|@FILE [--proofs DIR]
//
// Checked: the signature of the checkpoint; every entry against the hash tiles of level 0; inclusion of sampled entries,
// by proofs computed here from the entries; with --proofs, the .tlog-proof files of a folder. The package has no
// consistency proofs. Entries need a token: its file is named by EGIDE_TOKEN_FILE.
//
// The package is looked for in third_party/npm (npm ci --ignore-scripts --prefix third_party/npm).
// Exit status: 0 verified, 1 refused, 2 wrong usage, 77 the package is not installed.
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = process.env.EGIDE_NPM_DIR ?? path.join(here, '../../../third_party/npm');
const tlog = path.join(npm, 'node_modules/@sigstore/verify/dist/tlog');
if (!existsSync(tlog)) {
  console.log('skipped: @sigstore/verify is not installed under', npm);
  process.exit(77);
}
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require(path.join(tlog, 'checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(tlog, 'merkle.js'));

const TILE_WIDTH = 256;
const HASH_SIZE = 32;
const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafHash = (entry) => sha256(Buffer.from([0]), entry);

function check(condition, message) {
  if (!condition) throw new Error(message);
}

// ---- where the bytes come from

function makeSource(base) {
  const tokenFile = process.env.EGIDE_TOKEN_FILE;
  const token = tokenFile ? readFileSync(tokenFile, 'utf8').trim() : '';
  if (!/^https?:\/\//.test(base)) return async (where) => readFileSync(path.join(base, where));
  return async (where) => {
    const needsToken = token && where.startsWith('/log/tile/entries/');
    const answer = await fetch(base.replace(/\/+$/, '') + where, {
      headers: needsToken ? { Authorization: `Bearer ${token}` } : {},
    });
    check(answer.ok, `GET ${where}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
}

function tileName(number, width) {
  let rest = Math.floor(number / 1000);
  let name = String(number % 1000).padStart(3, '0');
  for (; rest > 0; rest = Math.floor(rest / 1000)) name = `x${String(rest % 1000).padStart(3, '0')}/${name}`;
  return width < TILE_WIDTH ? `${name}.p/${width}` : name;
}

function readBundle(data) {
  const entries = [];
  for (let at = 0; at < data.length; ) {
    check(at + 2 <= data.length && at + 2 + data.readUInt16BE(at) <= data.length, 'a bundle is cut');
    const end = at + 2 + data.readUInt16BE(at);
    entries.push(data.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

// ---- checkpoint

function parseVkey(text) {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = Buffer.from(key ?? '', 'base64');
  check(bytes.length === 33 && bytes[0] === 1, 'the verifier key is not of type Ed25519');
  check(sha256(`${name}\n`, bytes).toString('hex', 0, 4) === id, 'the id of the verifier key is wrong');
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return { name, logID: Buffer.from(id, 'hex'), baseURL: name, publicKey };
}

// The package is content with any one signature and takes the signer's name for a regular expression, so both the origin
// and the name on the line are compared here as text.
function openCheckpoint(envelope, log) {
  const checkpoint = verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, [log]);
  check(checkpoint.origin === log.name, 'the checkpoint is of another log');
  check(checkpoint.rest.length === 0, 'the checkpoint has more than three lines');
  check(checkpoint.logHash.length === HASH_SIZE, 'the root does not have 32 bytes');
  const signed = envelope.split('\n').some((line) => {
    const [dash, name, signature] = line.split(' ');
    return dash === '\u2014' && name === log.name && Buffer.from(signature, 'base64').subarray(0, 4).equals(log.logID);
  });
  check(signed, 'the checkpoint is not signed under the name of the log');
  return checkpoint;
}

// ---- inclusion

// RFC 6962, 2.1 and 2.1.1, from leaf hashes; subtree roots are kept, since samples share most of them.
function makeProver(leaves) {
  const kept = new Map();
  const split = (n) => 2 ** Math.floor(Math.log2(n - 1));
  const root = (first, end) => {
    if (end - first === 1) return leaves[first];
    const name = `${first}-${end}`;
    if (!kept.has(name)) {
      const middle = first + split(end - first);
      kept.set(name, sha256(Buffer.from([1]), root(first, middle), root(middle, end)));
    }
    return kept.get(name);
  };
  const prove = (index, first, end) => {
    if (end - first === 1) return [];
    const middle = first + split(end - first);
    return index < middle
      ? [...prove(index, first, middle), root(middle, end)]
      : [...prove(index, middle, end), root(first, middle)];
  };
  return (index) => prove(index, 0, leaves.length);
}

function verifyInclusion(entry, index, hashes, checkpoint) {
  verifyMerkleInclusion({ canonicalizedBody: entry, inclusionProof: { logIndex: String(index), hashes } }, checkpoint);
}

async function verifyEntries(get, checkpoint) {
  const size = Number(checkpoint.logSize);
  const entries = [];
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - first);
    const name = tileName(first / TILE_WIDTH, width);
    const bundle = readBundle(await get(`/log/tile/entries/${name}`));
    const tile = await get(`/log/tile/0/${name}`);
    check(bundle.length === width && tile.length === width * HASH_SIZE, `tile ${name} does not have ${width} entries`);
    bundle.forEach((entry, i) => {
      const stored = tile.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
      check(leafHash(entry).equals(stored), `entry ${first + i} is not the one in the tile`);
    });
    entries.push(...bundle);
  }
  const prove = makeProver(entries.map(leafHash));
  const step = Math.floor(size / 16) + 1;
  for (let i = 0; i < size; i += step) verifyInclusion(entries[i], i, prove(i), checkpoint);
  return size;
}

function verifyProofFile(text, entry, log) {
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  check(end > 0 && lines.shift() === 'c2sp.org/tlog-proof@v1', 'no tlog-proof header');
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const [, index] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift()) ?? [];
  check(index !== undefined, 'no index line');
  const hashes = lines.map((line) => Buffer.from(line, 'base64'));
  check(hashes.every((hash) => hash.length === HASH_SIZE), 'a hash does not have 32 bytes');
  verifyInclusion(entry, index, hashes, openCheckpoint(text.slice(end + 2), log));
}

function verifyProofs(folder, log) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.tlog-proof'));
  check(files.length > 0, `${folder} holds no proof`);
  for (const file of files) {
    const proof = path.join(folder, file);
    verifyProofFile(readFileSync(proof, 'utf8'), readFileSync(proof.replace(/\.tlog-proof$/, '.leaf')), log);
  }
  return files.length;
}

// ---- command line

const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i]] = process.argv[i + 1];
if (!options['--base'] || !options['--vkey']) {
  console.error('usage: verify.mjs --base DIR|URL --vkey KEY|@FILE [--proofs DIR]');
  process.exit(2);
}
try {
  const vkey = options['--vkey'];
  const log = parseVkey(vkey.startsWith('@') ? readFileSync(vkey.slice(1), 'utf8').trim() : vkey);
  const get = makeSource(options['--base']);
  const checkpoint = openCheckpoint((await get('/log/checkpoint')).toString('utf8'), log);
  console.log(`checkpoint: signed by ${log.name}, ${checkpoint.logSize} entries`);
  console.log(`entries: ${await verifyEntries(get, checkpoint)} compared with the tiles, samples proven`);
  if (options['--proofs']) console.log(`proof files: ${verifyProofs(options['--proofs'], log)} verified`);
  console.log('VERIFIED');
} catch (error) {
  console.log('REFUSED:', error.message);
  process.exit(1);
}
