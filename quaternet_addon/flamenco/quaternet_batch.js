// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco 3 job type: a QuaterNet batch, its clips shared out over the workers.
//
// Copy this file into the folder `scripts` beside flamenco-manager. The job file and everything
// that it names have to lie on storage that all workers see under one path, and every worker's
// Blender needs the add-on at the path of `batch_script`.

const JOB_TYPE = {
    label: "QuaterNet Batch",
    description: "Generate the motion clips of a QuaterNet job file",
    settings: [
        {
            key: "job_file", type: "string", subtype: "file_path", required: true,
            visible: "submission", description: "The QuaterNet job file (JSON)",
        },
        {
            key: "shards", type: "int32", default: 8, propargs: { min: 1, max: 1000 },
            visible: "submission", description: "Number of even parts, each one task",
        },
        {
            key: "batch_script", type: "string", subtype: "file_path", required: true,
            eval: "str(Path(bpy.utils.user_resource('EXTENSIONS' if bpy.app.version >= (4, 2, 0) "
                + "else 'SCRIPTS'), 'user_default' if bpy.app.version >= (4, 2, 0) else 'addons', "
                + "'quaternet_addon', 'batch.py'))",
            evalInfo: { showLinkButton: true, description: "Where this Blender has the add-on" },
            visible: "submission",
            description: "batch.py of the add-on, as the workers see it",
        },
        {
            key: "blendfile", type: "string", required: true, visible: "web",
            description: "The scene that sources without a file are taken from",
        },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const shards = checkedShards(settings.shards);
    for (const key of ["job_file", "batch_script", "blendfile"]) {
        if (!settings[key]) {
            throw `expected a path as ${key}, got nothing`;
        }
    }
    const parts = [];
    for (let number = 1; number <= shards; number++) {
        const options = ["--shard", `${number}/${shards}`, "--resume"];
        const task = batchTask(`clips-${number}-of-${shards}`, settings, options);
        job.addTask(task);
        parts.push(task);
    }
    // Proves that every clip is there, and makes again what is not.
    const proof = batchTask("proof", settings, ["--resume"]);
    for (const task of parts) {
        proof.addDependency(task);
    }
    job.addTask(proof);
}

function checkedShards(value) {
    const shards = value === undefined || value === null ? 8 : value;
    if (!(Number.isInteger(shards) && shards >= 1 && shards <= 1000)) {
        throw `expected 1 to 1000 shards, got ${value}`;
    }
    return shards;
}

function batchTask(name, settings, options) {
    const task = author.Task(name, "blender");
    task.addCommand(author.Command("blender-render", {
        exe: "{blender}",
        exeArgs: "{blenderArgs}",
        argsBefore: [],
        blendfile: settings.blendfile,
        args: ["--python", settings.batch_script, "--", settings.job_file].concat(options),
    }));
    return task;
}
