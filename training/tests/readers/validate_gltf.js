// SPDX-License-Identifier: GPL-3.0-or-later
// What the Khronos validator says of a GLB file, as JSON: NODE_PATH=... node validate_gltf.js FILE
const fs = require("fs");
const validator = require("gltf-validator");

validator
    .validateBytes(new Uint8Array(fs.readFileSync(process.argv[2])))
    .then((report) => console.log(JSON.stringify(report.issues)));
