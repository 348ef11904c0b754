// Serves dist/ (or src/ before the first build) for trying the app on this machine.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

const root = path.resolve(existsSync("dist") ? "dist" : "src");
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = path.join(root, path.normalize(pathname === "/" ? "/index.html" : decodeURIComponent(pathname)));
  try {
    if (!file.startsWith(root + path.sep)) throw new Error("outside");
    const content = await readFile(file);
    response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
    response.end(content);
  } catch {
    response.writeHead(404).end("Not found\n");
  }
}).listen(Number(process.env.PORT ?? 8080), "127.0.0.1", function () {
  console.log(`Till on http://localhost:${this.address().port}`);
});
