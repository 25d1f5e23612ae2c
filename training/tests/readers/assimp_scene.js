// SPDX-License-Identifier: GPL-3.0-or-later
// What assimp reads in a file, as its own JSON: NODE_PATH=... node assimp_scene.js FILE
const fs = require("fs");
const path = require("path");

require("assimpjs")().then((assimp) => {
    const list = new assimp.FileList();
    const file = process.argv[2];
    list.AddFile(path.basename(file), new Uint8Array(fs.readFileSync(file)));
    const result = assimp.ConvertFileList(list, "assjson");
    if (!result.IsSuccess() || result.FileCount() === 0) {
        console.error(result.GetErrorCode());
        process.exit(1);
    }
    process.stdout.write(Buffer.from(result.GetFile(0).GetContent()));
});
