"use strict";

// The whole extension: it starts `cdlint lsp` and leaves everything else to the server.

const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const LANGUAGES = ["yaml", "json", "jsonc", "terraform"];
const INSTALL = "pip install 'cdlint[lsp]'";

let client;

function settings() {
  const given = workspace.getConfiguration("cdlint");
  return { cdlint: { pedantic: given.get("pedantic"), image: given.get("image") } };
}

async function start() {
  const command = workspace.getConfiguration("cdlint").get("path") || "cdlint";
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("cdlint", "cdlint", server, {
    documentSelector: LANGUAGES.flatMap((language) => [
      { scheme: "file", language },
      { scheme: "untitled", language },
    ]),
    initializationOptions: settings(),
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(`cdlint: "${command} lsp" does not start (${error.message}). ${INSTALL}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running !== undefined) {
    await running.stop();
  }
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("cdlint.restart", async () => {
      await stop();
      await start();
    }),
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("cdlint.path")) {
        await stop();
        await start();
      } else if (event.affectsConfiguration("cdlint") && client !== undefined) {
        await client.sendNotification("workspace/didChangeConfiguration", { settings: settings() });
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
