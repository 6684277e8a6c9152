// nodemailer's pool as its own pages show it: fed while it is idle. Prints {"seconds": …, "rss_mb": …}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const job = JSON.parse(process.argv[2]);
const nodemailer = createRequire(`${job.modules}/`)("nodemailer");
const raw = readFileSync(job.message);

const pool = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: job.port,
  secure: false,
  ignoreTLS: true,
  maxConnections: job.connections,
  maxMessages: Infinity,
  ...(job.key && {
    dkim: { domainName: "stadtteil.example", keySelector: "bench", privateKey: readFileSync(job.key, "utf8") },
  }),
});

let begun = 0;
let done = 0;
const start = process.hrtime.bigint();

function feed() {
  while (begun < job.messages && pool.isIdle()) {
    begun += 1;
    const envelope = { from: "post@stadtteil.example", to: `p${begun}@example.org` };
    pool.sendMail({ envelope, raw }, (error) => {
      if (error) {
        console.error(error);
        process.exit(1);
      }
      done += 1;
      if (done === job.messages) {
        const seconds = Number(process.hrtime.bigint() - start) / 1e9;
        console.log(JSON.stringify({ seconds, rss_mb: process.resourceUsage().maxRSS / 1024 }));
        pool.close();
      }
    });
  }
}

pool.on("idle", feed);
feed();
