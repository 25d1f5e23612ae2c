# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the dance model: a prior over plans of codes, and a dancer that follows a plan.

The dancer learns on streams that never stop: each goes on from its own last frames and its own
state, for segments through which the loss is propagated, along scripts spliced from recordings
(``dance_scripts``). What it meets is so what it meets in a long dance: its own errors, and plans
that lead from one recording to another. The prior learns the order of codes.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.body.states import BodyStates, decode
from quaternet_addon.core.dance.features import AHEAD, CODE_FRAMES, MOVING, plan_features
from quaternet_addon.core.maths.quaternion import (
    quaternion_to_rotation_vector,
    rotate,
    yaw_to_quaternion,
)

from ..data.cleaning import require_canonical
from ..data.windows import skeleton_entry
from ..networks.losses import half_angle
from ..networks.rollout import DeferredGradients
from ..trainer.loop import TrainingConfig
from .data import TESTED
from .networks import QUATERNIONS, DancerNetwork
from .scripts import Scripts, make_codebook, read_clips, with_codes

PREFIX = 4  # frames of a start
PREFIX_CODES = 8  # codes of a start
_TESTED_FRAMES = 96  # of a rollout on held-out takes
_WEIGHTS = {"Foot": 2.0, "ToeBase": 2.0, "HipJoint": 0.0, "Neck1": 0.0}


@dataclass(frozen=True)
class DancerConfig(TrainingConfig):
    """Ours. hidden, layers: of the dancer; prior_hidden, dropout: of the prior.

    codes, components: of the plan. segment: frames between two steps of the optimizer, a
    multiple of 8. steps: batches an epoch. forced: longest start of a stream on recorded frames.
    noise: standard deviation on those, of normalised frames. prior_codes: of a sequence.
    softness: squared distance of codes that share a target; starts: number of shipped starts.
    """

    batch: int = 32
    epochs: int = 20
    steps: int = 250
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-4
    clip: float = 0.5
    average: float = 0.998
    precision: str = "float32"
    hidden: int = 384
    layers: int = 2
    prior_hidden: int = 256
    dropout: float = 0.4
    codes: int = 512
    components: int = 32
    segment: int = 32
    forced: int = 24
    noise: float = 0.1
    prior_codes: int = 24
    softness: float = 0.7
    starts: int = 128


class DancerTask:
    """Batches: a segment of every stream, and sequences of codes for the prior."""

    kind = "dancer"

    def __init__(self, dataset, indices, config, device="cpu"):
        require_canonical(dataset)
        _check(config)
        self.config, self.device = config, device
        self.skeleton, self.fps = dataset.skeleton, dataset.fps
        self.steps = config.steps
        tested = [i for i in indices if dataset.takes[i].action == TESTED]
        clips = read_clips(dataset, [i for i in indices if i not in tested])
        book = make_codebook(
            clips, self.skeleton, self.fps, config.codes, config.components, config.seed
        )
        self.clips = with_codes(clips, book, self.skeleton, self.fps)
        self.tested = with_codes(read_clips(dataset, tested), book, self.skeleton, self.fps)
        constants, self.styles = self._constants(book, clips)
        torch.manual_seed(config.seed)
        self.network = DancerNetwork(
            constants,
            AHEAD * config.components + 2,
            config.hidden,
            config.layers,
            config.prior_hidden,
        ).to(device)
        vectors = self.network.code_vectors.cpu().numpy().astype(float)
        self._scripts = Scripts(self.clips, vectors, config.segment)
        self._deferred, self._streams = DeferredGradients(), None
        self._importance = _importance(self.skeleton).to(device)
        self.model = {
            "fps": dataset.fps,
            "skeleton": skeleton_entry(self.skeleton),
            "architecture": {"moving": list(MOVING), "start_styles": self.styles},
            "source": dataset.source,
            "licence": dataset.licence,
        }

    def _constants(self, book, clips):
        """Arrays that the network and the model file hold beside the weights."""
        frames = np.concatenate([clip.frames for clip in clips])
        mean, std = frames.mean(0), np.maximum(frames.std(0), 0.05)
        mean[-2:], std[-2:] = 0.0, 1.0
        moving = frames[:, :QUATERNIONS].reshape(len(frames), -1, 4)
        vectors = quaternion_to_rotation_vector(moving)
        prefixes, codes, styles = _starts(self.clips, self.config)
        return {
            "frame_mean": mean,
            "frame_std": std,
            "code_mean": book.mean,
            "code_basis": book.basis,
            "code_vectors": book.vectors,
            "code_steps": book.steps,
            "range_lowest": vectors.min(0),
            "range_highest": vectors.max(0),
            "hips_range": np.percentile(frames[:, -6], (0.05, 99.95)),
            "start_frames": prefixes,
            "start_codes": codes,
        }, styles

    def draw(self, generator, _epoch):
        """An epoch's batches. Streams start anew: an epoch depends on nothing before it."""
        config = self.config
        seed = int(torch.randint(2**31, (), generator=generator))
        random = np.random.default_rng(seed)
        streams, self._streams = [None] * config.batch, None
        for _ in range(self.steps):
            rows = []
            for index, stream in enumerate(streams):
                fresh = stream is None or stream[0] >= len(stream[1][1])
                at, script = (0, self._scripts.draw(random)) if fresh else stream
                forced = int(random.integers(1, config.forced + 1)) if fresh else 0
                rows.append(_segment(at, script, config.segment, forced))
                streams[index] = at + config.segment, script
            truth, plan, weights, forced = (
                torch.as_tensor(np.stack(column), dtype=torch.float32)
                for column in zip(*rows, strict=True)
            )
            noise = config.noise * torch.randn(truth[:, :-1].shape, generator=generator)
            kept = self._kept(generator)
            yield truth, plan, weights, forced, noise, *self._sequences(random), *kept

    def _kept(self, generator):
        """Dropout of the prior's inputs and states: factors, drawn here so that a run resumes."""
        config, share = self.config, 1.0 - self.config.dropout
        shape = config.batch, config.prior_codes
        return [
            (torch.rand(*shape, size, generator=generator) < share).float() / share
            for size in (config.components, config.prior_hidden)
        ]

    def _sequences(self, random):
        """Codes ``(B, L + 1)`` and points ``(B, L + 1, P)`` for the prior."""
        length = CODE_FRAMES * self.config.prior_codes + 1
        clips = [clip for clip in self.clips if len(clip.codes) >= length]
        rooms = np.array([len(clip.codes) - length + 1 for clip in clips], float)
        codes, points = [], []
        for pick in random.choice(len(clips), self.config.batch, p=rooms / rooms.sum()):
            start = int(random.integers(int(rooms[pick])))
            part = slice(start, start + length, CODE_FRAMES)
            codes.append(clips[pick].codes[part])
            points.append(clips[pick].points[part])
        return torch.as_tensor(np.stack(codes)), torch.as_tensor(np.stack(points)).float()

    def losses(self, batch, _epoch):
        """Named loss terms of one batch."""
        truth, plan, weights, forced, noise, codes, points, *kept = batch
        network = self.network
        wanted = (truth - network.frame_mean) / network.frame_std
        raw = self._roll_out(wanted, plan, forced, noise)
        terms = self._dancer_terms(raw, truth, wanted, weights)
        return terms | {"prior": 0.05 * self._prior_loss(codes, points, kept)}

    def _roll_out(self, wanted, plan, forced, noise):
        """Raw outputs ``(B, T, S)`` on own frames but where ``forced``; the streams go on."""
        network, batch = self.network, len(wanted)
        if self._streams is None or len(self._streams[0]) != batch:
            self._streams = wanted[:, 0], network.zero_states(batch)
        own, states = self._streams
        fresh = forced[:, :1]
        states = [tuple(part * (1.0 - fresh) for part in state) for state in states]
        outputs = []
        for frame in range(plan.shape[1]):
            given = wanted[:, frame] + noise[:, frame]
            here = forced[:, frame, None]
            raw, states = network.step(
                here * given + (1.0 - here) * own, plan[:, frame], states, self._deferred
            )
            own = network.as_input(raw)
            outputs.append(raw)
        kept = [tuple(part.detach() for part in state) for state in states]
        self._streams = own.detach(), kept
        return torch.stack(outputs, 1)

    def _dancer_terms(self, raw, truth, wanted, weights):
        network, split = self.network, QUATERNIONS
        joints = (
            raw[..., :split] * network.frame_std[:split] + network.frame_mean[:split]
        ).unflatten(-1, (-1, 4))
        lengths = (joints.square().sum(-1, keepdim=True) + 1e-12).sqrt()
        made = torch.cat(
            [
                (joints / lengths).flatten(-2),
                raw[..., split:-2] * network.frame_std[split:-2] + network.frame_mean[split:-2],
                raw[..., -2:],
            ],
            -1,
        )
        truth = truth[:, 1:]
        both = weights[:, 1:] * weights[:, :-1]
        angles = half_angle(joints / lengths, truth[..., :split].unflatten(-1, (-1, 4)))
        seen, toes, path = self._placed(made)
        seen_truth, _, true_path = self._placed(truth)
        away = seen - seen_truth
        importance = self._importance
        contacts = truth[..., -2:]
        slip = torch.linalg.vector_norm(toes.diff(dim=1), dim=-1)
        bend = torch.linalg.vector_norm(seen.diff(n=2, dim=1), dim=-1).mean(-1)
        cross_entropy = functional.binary_cross_entropy_with_logits
        gap = (raw - wanted[:, 1:])[..., -5:-2].abs().mean(-1)
        return {
            "angle": 0.9 * (angles.mean(-1) * weights).mean(),
            "norm": 0.1 * (lengths - 1.0).square().mean(),
            "position": (
                torch.linalg.vector_norm(away, dim=-1) * importance * weights[..., None]
            ).mean(),
            "velocity": 8.0
            * (away.diff(dim=1).abs().sum(-1) * importance * both[..., None]).mean(),
            "root": 0.05 * (gap * weights).mean(),
            "path": 0.2 * ((path - true_path).abs().sum(-1) * weights.cumprod(1)).mean(),
            "slip": 12.0 * (slip * (contacts[:, 1:] * contacts[:, :-1]) * both[..., None]).mean(),
            "contact": 0.03
            * (cross_entropy(raw[..., -2:], contacts, reduction="none").mean(-1) * weights).mean(),
            "smooth": 4.0 * (bend * (1.0 - weights[:, 2:])).mean(),
        }

    def _placed(self, frames):
        """Joints as the body sees them, balls of the feet and hips in a world of their own."""
        joints, count = len(self.skeleton), len(MOVING)
        rotations = [frames.new_tensor([1.0, 0.0, 0.0, 0.0]).expand(*frames.shape[:-1], 4)] * joints
        moving = frames[..., : 4 * count].unflatten(-1, (count, 4))
        for index, name in enumerate(MOVING):
            rotations[self.skeleton.index(name)] = moving[..., index, :]
        rest = frames[..., 4 * count :]
        states = BodyStates(
            torch.stack(rotations, -2),
            rest[..., 0],
            rest[..., 1:3] / self.fps,
            rest[..., 3] / self.fps,
            rest[..., 4:6],
        )
        roots = torch.stack([0.0 * rest[..., 0], rest[..., 0], 0.0 * rest[..., 0]], -1)
        seen, _ = self.skeleton.forward_kinematics(states.rotations, roots)
        headings = states.turn.cumsum(-1)
        _, placed = decode(states)
        toes = seen[..., [self.skeleton.index(name) for name in TOES], :]
        toes = rotate(yaw_to_quaternion(headings)[..., None, :], toes)
        flat = placed * placed.new_tensor([1.0, 0.0, 1.0])
        return seen, toes + flat[..., None, :], placed

    def _prior_loss(self, codes, points, kept):
        """Cross entropy against the codes near each recorded window."""
        vectors = self.network.code_vectors
        away = (vectors.square().sum(-1) - 2.0 * points[:, 1:] @ vectors.t()) / self.config.softness
        logits = self.network.next_codes(codes[:, :-1], kept)
        return functional.cross_entropy(logits.flatten(0, 1), (-away).softmax(-1).flatten(0, 1))

    def after_backward(self):
        """Put the weight gradients of the streams together."""
        self._deferred.flush()

    @torch.no_grad()
    def validate(self, network):
        """On held-out takes: cm from them after a rollout along their codes, bits a code."""
        count = _TESTED_FRAMES // CODE_FRAMES
        takes = [clip for clip in self.tested if len(clip.codes) >= (count + 5) * CODE_FRAMES]
        if not takes:
            return {}
        chains = np.stack([c.codes[::CODE_FRAMES][: count + AHEAD + 1] for c in takes])
        part = slice(CODE_FRAMES - 1, CODE_FRAMES * (count + 1))
        truth = torch.as_tensor(np.stack([c.frames[part] for c in takes])).float().to(self.device)
        made = self._follow(network, chains, truth)
        seen, recorded = (self._placed(frames)[0] for frames in (made, truth[:, 1:]))
        away = torch.linalg.vector_norm(seen - recorded, dim=-1)[:, -CODE_FRAMES:]
        codes = torch.as_tensor(chains, device=self.device)
        logits = network.next_codes(codes[:, :-1]).flatten(0, 1)
        bits = functional.cross_entropy(logits, codes[:, 1:].flatten()) / math.log(2.0)
        return {"test_cm": 100.0 * float(away.mean()), "test_bits": float(bits)}

    def _follow(self, network, chains, truth):
        """Frames ``(N, T, S)`` along codes ``(N, T / 8 + 4)``, from the first `PREFIX` recorded."""
        windows = np.lib.stride_tricks.sliding_window_view(chains, AHEAD + 2, axis=1)
        vectors = network.code_vectors.cpu().numpy()[windows]
        plan = torch.as_tensor(plan_features(vectors)).flatten(1, 2).float().to(self.device)
        given = (truth - network.frame_mean) / network.frame_std
        own, states, made = given[:, 0], network.zero_states(len(given)), []
        for frame in range(plan.shape[1]):
            own = given[:, frame] if frame < PREFIX else own
            raw, states = network.step(own, plan[:, frame], states, DeferredGradients())
            own = network.as_input(raw)
            made.append(own * network.frame_std + network.frame_mean)
        return torch.stack(made, 1)


def _segment(at, script, length, forced):
    """The frames of a script from ``at``; the first ``forced`` inputs are the recorded ones."""
    truth, plan, weights = script
    part = slice(at, at + length)
    given = (np.arange(length) < forced).astype(float)
    return truth[at : at + length + 1], plan[part], weights[part], given


def _starts(clips, config):
    """Frames ``(N, PREFIX, S)``, codes ``(N, PREFIX_CODES)`` and styles of the shipped starts.

    Spread evenly over the recordings, the rarer styles more densely.
    """
    random = np.random.default_rng(config.seed)
    need = CODE_FRAMES * PREFIX_CODES
    clips = [c for c in clips if len(c.codes) > need and not c.name.endswith("mirrored")]
    places = [(c, row) for c in clips for row in range(need, len(c.frames) - CODE_FRAMES)]
    sizes = {style: sum(c.style == style for c, _ in places) for style in {c.style for c in clips}}
    shares = np.array([sizes[clip.style] ** -0.5 for clip, _ in places])
    picked = random.choice(
        len(places), config.starts, replace=len(places) < config.starts, p=shares / shares.sum()
    )
    frames, codes, styles = [], [], []
    for clip, row in (places[index] for index in picked):
        frames.append(clip.frames[row - PREFIX : row])
        codes.append(clip.codes[row - need : row : CODE_FRAMES])
        styles.append(clip.style)
    return np.stack(frames), np.stack(codes), styles


def _importance(skeleton):
    """Feet count twice; joints that coincide with others nothing."""
    weights = [
        next((w for end, w in _WEIGHTS.items() if name.endswith(end)), 1.0)
        for name in skeleton.names
    ]
    return torch.tensor(weights) * len(weights) / sum(weights)


def _check(config):
    if config.segment % CODE_FRAMES or config.segment < CODE_FRAMES:
        raise ValueError(f"Expected a segment of a multiple of 8 frames, got {config.segment}.")
    for name in ("hidden", "layers", "codes", "components", "starts", "forced", "steps"):
        if getattr(config, name) < 1:
            raise ValueError(f"Expected {name} of at least 1, got {getattr(config, name)}.")
