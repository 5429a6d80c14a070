// What the tests of the TypeScript client share: the real demo in a temporary folder, and a server that answers as told.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export class Demo {
  static async start(egide) {
    const demo = new Demo();
    demo.folder = mkdtempSync(join(tmpdir(), "egide-clients-"));
    demo.data = join(demo.folder, "demo");
    const passphrase = join(demo.folder, "passphrase");
    writeFileSync(passphrase, "quatre mots pour ouvrir\n");
    demo.process = spawn(egide, ["demo", "--data", demo.data, "--listen", "127.0.0.1:0"], {
      env: { ...process.env, EGIDE_PASSPHRASE_FILE: passphrase },
      stdio: ["ignore", "pipe", "ignore"],
    });
    demo.ended = once(demo.process, "exit");
    let ready = false;
    const lines = createInterface({ input: demo.process.stdout });
    for await (const line of lines) if (line.includes("Ctrl-C")) { ready = true; break; }
    lines.close();
    if (!ready) throw new Error("the demo did not start");
    demo.facts = JSON.parse(readFileSync(join(demo.data, "demo.json"), "utf-8"));
    demo.url = demo.facts.url;
    return demo;
  }

  person(number) { return this.facts.subjects[number].id; }

  async stop() {
    if (this.process.exitCode === null) this.process.kill("SIGTERM");
    await this.ended;
  }

  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async consent(person, purpose, status) {
    const answer = await fetch(`${this.url}/v1/subjects/${person}/consents`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.facts.tokens.dpo}`, "Content-Type": "application/json" },
      body: JSON.stringify({ purpose, status, channel: "paper", evidence: "form 12" }),
    });
    if (answer.status !== 201) throw new Error(`recording a consent answered ${answer.status}`);
  }
}

/** Answers each request with the next of `answers`: [status, body, headers], or null, which hangs up. */
export class StubVault {
  static async start(...answers) {
    const stub = new StubVault();
    stub.requests = [];
    stub.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      stub.requests.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() });
      let answer = answers.length > 1 ? answers.shift() : answers[0];
      if (typeof answer === "function") answer = await answer();
      if (answer === null) return request.socket.destroy();
      const [status, content, headers] = answer;
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    });
    stub.server.listen(0, "127.0.0.1");
    await once(stub.server, "listening");
    stub.url = `http://127.0.0.1:${stub.server.address().port}`;
    return stub;
  }

  async close() {
    this.server.closeAllConnections?.();
    this.server.close();
    await once(this.server, "close");
  }
}

export async function withStub(answers, use) {
  const stub = await StubVault.start(...answers);
  try {
    return await use(stub);
  } finally {
    await stub.close();
  }
}
