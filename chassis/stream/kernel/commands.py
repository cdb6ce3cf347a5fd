"""Commands: what came at the same time shares one commit, and is answered after it."""

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic_core import to_json

from chassis.database import DatabaseAway
from chassis.http import idempotency
from chassis.http.claims import Claim
from chassis.stream.faults import Point
from chassis.stream.kernel.batch import BatchOf, Run, reason_of
from chassis.stream.kernel.service import Answer, Command

S = TypeVar("S")

GROUP = 200
"""How many commands share one commit at most."""


class Commands(Generic[S]):
    """One service's commands."""

    def __init__(self, batch: BatchOf[S]) -> None:
        self.service = batch.service
        self._batch = batch
        self._waiting: asyncio.Queue[tuple[Command[S], asyncio.Future[Answer]]] = asyncio.Queue()
        self._in_progress: set[tuple[str, str]] = set()

    async def submit(self, command: Command[S]) -> Answer:
        """Do what `command` asks, together with others that came at the same time, and answer
        after the commit. Raises DomainError where it is refused, DatabaseAway where PostgreSQL
        cannot be reached; the same idempotency key may then be sent again."""
        claim = command.claim
        if claim and not self._in_progress.isdisjoint({(claim.client, claim.key)}):
            raise idempotency.still_running()
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if claim:
            self._in_progress.add((claim.client, claim.key))
        try:
            self._waiting.put_nowait((command, answered))
            return await answered
        finally:
            if claim:
                self._in_progress.discard((claim.client, claim.key))

    async def run(self) -> None:
        """Serve `submit` until cancelled."""
        while True:
            group = [await self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            try:
                await self._run_group([entry for entry in group if not entry[1].cancelled()])
            except asyncio.CancelledError:
                while not self._waiting.empty():
                    group.append(self._waiting.get_nowait())
                for _, answered in group:
                    if not answered.done():
                        answered.set_exception(DatabaseAway())
                raise

    async def _run_group(self, group: Sequence[tuple[Command[S], asyncio.Future[Answer]]]) -> None:
        commands = [command for command, _ in group]
        try:
            answers = await self._batch.tried(lambda: self._run_commands(commands))
        except Exception as error:
            if len(group) > 1 and reason_of(error):
                middle = len(group) // 2
                await self._run_group(group[:middle])
                await self._run_group(group[middle:])
                return
            answers = [error] * len(group)
        for (_, answered), answer in zip(group, answers, strict=True):
            if answered.done():
                continue
            if isinstance(answer, Answer):
                answered.set_result(answer)
            else:
                answered.set_exception(answer)

    async def _run_commands(self, commands: Sequence[Command[S]]) -> list[Answer | Exception]:
        service = self.service
        answers: dict[int, Answer | Exception] = {}
        async with service.database.transaction() as connection:
            now = service.clock()
            claims = {
                place: command.claim for place, command in enumerate(commands) if command.claim
            }
            answers.update(await idempotency.claim(connection, claims, now, Answer))
            todo = [
                (place, command) for place, command in enumerate(commands) if place not in answers
            ]
            if not todo:
                return [answers[place] for place in range(len(commands))]
            run = await self._batch.open(
                connection, {command.referral_id: command.authority for _, command in todo}
            )
            for place, command in todo:
                answers[place] = self._obey(run, command)
                # Many together must not keep everybody else waiting.
                await asyncio.sleep(0)
            await service.faults(Point.FOLDED)
            done: list[tuple[Claim, int, bytes]] = []
            refused: list[Claim] = []
            for place, _ in todo:
                answer = answers[place]
                if place not in claims:
                    continue
                if isinstance(answer, Answer):
                    done.append((claims[place], answer.status, answer.body))
                else:
                    refused.append(claims[place])
            await idempotency.keep(connection, done, refused)
            await self._batch.save(connection, run)
            await self._batch.append(connection, run)
        await service.faults(Point.COMMITTED)
        self._batch.report(run)
        return [answers[place] for place in range(len(commands))]

    def _obey(self, run: Run[S], command: Command[S]) -> Answer | Exception:
        service = self.service
        case = run.cases[command.referral_id]
        try:
            change, told = command.decide(case.state, service.policy, service.ids, run.now)
            outgoing = self._batch.outgoing(case, change, run.now, None, command.traceparent)
        except Exception as refusal:
            return refusal
        self._batch.apply(run, case, change, outgoing)
        if command.audit:
            run.audit.append(command.audit)
        body = to_json({**told, "sequence": case.marks[service.source]})
        return Answer(command.status, body)
