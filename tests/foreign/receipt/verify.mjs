// Verifies a consent receipt with nothing of egide's: Node's own Ed25519 and SHA-256 (docs/formats/receipt.md).
//
//   node verify.mjs RECEIPT.json LOG-VKEY        exit 0: valid; 1: refused, with the reason
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

const refuse = (why) => {
  console.error("refused: " + why);
  process.exit(1);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const keyOf = (raw) =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });

// "<name>+<id>+<base64(01 || key)>"
function readVkey(text) {
  const [name, id, ...rest] = text.split("+");
  const typed = Buffer.from(rest.join("+"), "base64");
  if (typed.length !== 33 || typed[0] !== 1) refuse("not an Ed25519 verifier key");
  const raw = typed.subarray(1);
  if (sha256(name + "\n", typed).subarray(0, 4).toString("hex") !== id) refuse("the key's id is wrong");
  return { name, id, raw, text };
}

// A signed note: its text when `key` signed it.
function openNote(note, key) {
  const cut = note.indexOf("\n\n");
  const text = note.slice(0, cut + 1);
  for (const line of note.slice(cut + 2).split("\n")) {
    const [, name, payload] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== key.name) continue;
    const bytes = Buffer.from(payload, "base64");
    if (bytes.subarray(0, 4).toString("hex") !== key.id) continue;
    if (verify(null, Buffer.from(text), keyOf(key.raw), bytes.subarray(4))) return text;
  }
  return refuse("a note is not signed by " + key.name);
}

function rootOf(index, size, leaf, hashes) {
  // RFC 9162, 2.1.3.2
  let fn = BigInt(index), sn = BigInt(size) - 1n, r = leaf;
  for (const p of hashes) {
    if (sn === 0n) refuse("the proof is too long");
    if ((fn & 1n) === 1n || fn === sn) {
      r = sha256(Buffer.from([1]), p, r);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      r = sha256(Buffer.from([1]), r, p);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) refuse("the proof is too short");
  return r;
}

const [file, vkey] = process.argv.slice(2);
const log = readVkey(vkey);
const { receipt, jws } = JSON.parse(readFileSync(file, "utf8"));
const [header, payload, signature] = jws.split(".");
const claimed = JSON.parse(Buffer.from(payload, "base64url"));

const [name, keyLine] = openNote(claimed.key.certificate, log).split("\n");
if (name !== log.name + "/receipts" || !keyLine.startsWith("receipt-key ")) refuse("the certificate has another form");
const key = readVkey(keyLine.slice("receipt-key ".length));
if (key.name !== name) refuse("the certificate is for another name");
const x = key.raw.toString("base64url");
const kid = sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).toString("base64url");
if (Buffer.from(header, "base64url").toString() !== `{"alg":"EdDSA","kid":"${kid}","typ":"egide-receipt+jws"}`)
  refuse("the header is not that of a receipt of this key");
if (!verify(null, Buffer.from(header + "." + payload), keyOf(key.raw), Buffer.from(signature, "base64url")))
  refuse("the signature does not hold");
if (!isDeepStrictEqual(receipt, claimed)) refuse("the readable copy differs");
if (sha256(claimed.notice.text).toString("hex") !== claimed.notice.sha256) refuse("the notice's text was changed");

const [head, ...lines] = claimed.log.proof.split("\n");
if (head !== "c2sp.org/tlog-proof@v1") refuse("the proof has another form");
if (lines[0].startsWith("extra ")) lines.shift();
const index = Number(lines.shift().slice("index ".length));
if (index !== claimed.log.index) refuse("the proof is of another entry");
const end = lines.indexOf("");
const hashes = lines.slice(0, end).map((line) => Buffer.from(line, "base64"));
const [origin, size, root] = openNote(lines.slice(end + 1).join("\n"), log).split("\n");
if (origin !== log.name) refuse("the checkpoint is of another log");
const leaf = sha256(Buffer.from([0]), claimed.log.entry);
if (!rootOf(index, size, leaf, hashes).equals(Buffer.from(root, "base64"))) refuse("the entry is not in the log");
const entry = JSON.parse(claimed.log.entry);
if (entry.i !== index || entry.pur !== claimed.consent.purpose) refuse("the entry is about something else");
console.log("valid: " + claimed.consent.purpose + " " + claimed.consent.status);
