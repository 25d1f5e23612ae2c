// SPDX-License-Identifier: GPL-3.0-or-later
//
// Stands for Flamenco Manager: what a job compiler script meets there (flamenco.blender.org,
// "Job Types"; the names and checks of its author module), and nothing more.
//
//     node flamenco_stand_in.js SCRIPT '{"settings": ...}'
//
// Prints {"type": JOB_TYPE, "tasks": [...]} or {"error": "..."} as JSON.

const fs = require("fs");
const vm = require("vm");

function required(value, what) {
    if (typeof value !== "string" || !value.trim()) {
        throw new Error(`author.${what} is required`);
    }
    return value.trim();
}

let made = 0;
const author = {
    Task(name, type) {
        const task = {
            id: ++made,
            name: required(name, "Task(name, type): name"),
            type: required(type, "Task(name, type): type"),
            commands: [],
            dependencies: [],
        };
        task.addCommand = (command) => void task.commands.push({ ...command });
        task.addDependency = (other) => void task.dependencies.push(other.id);
        return task;
    },
    Command(name, parameters) {
        return { name, parameters };
    },
};

const [script, text] = process.argv.slice(2);
const job = { name: "test", created: new Date(0), ...JSON.parse(text), tasks: [] };
// The manager copies a task when it is added: what a script does to it later is lost.
job.addTask = (task) => void job.tasks.push(JSON.parse(JSON.stringify(task)));
const globals = { author, print() {}, path: require("path"), alert() {} };
try {
    const context = vm.createContext(globals);
    vm.runInContext(fs.readFileSync(script, "utf-8"), context);
    // `const` at the top is no property of the context; the manager sees it all the same.
    globals.job = job;
    vm.runInContext("compileJob(job)", context);
    const type = vm.runInContext("JOB_TYPE", context);
    console.log(JSON.stringify({ type, tasks: job.tasks }));
} catch (error) {
    console.log(JSON.stringify({ error: String(error.message || error) }));
}
