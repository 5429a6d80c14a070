// node dist/chat.js DEMO_JSON PERSON    reads one message a line, writes one answer and one note a line
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Client } from "@egide/client";
import { Assistant, HANDLES } from "./assistant.js";

const [file, person] = process.argv.slice(2);
if (!file || !person) {
  console.error("usage: chat.js DEMO_JSON PERSON    (PERSON: an id of the list `subjects` in that file)");
  process.exit(2);
}
const demo = JSON.parse(readFileSync(file, "utf-8")) as { url: string; tools: { chatbot: string } };
const vault = new Client(demo.url, { tool: "chatbot", key: demo.tools.chatbot, handles: HANDLES });
const assistant = new Assistant(vault);
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await assistant.answer(person, line);
  console.log(`${reply.text}\n  [${reply.note}]`);
}
