"""The names of tools that touch nothing themselves, by agent, each with its canonical name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CLAUDE_CODE = {
    "Agent": "agent",
    "AskUserQuestion": "ask_question",
    "CronCreate": "schedule",
    "CronDelete": "schedule",
    "CronList": "schedule",
    "DeferredToolPlaceholder": "tool_search",
    "EndConversation": "finish",
    "EnterPlanMode": "plan",
    "ExitPlanMode": "plan",
    "ListAgents": "agent_list",
    "PushNotification": "notify",
    "ReportFindings": "report",
    "ScheduleWakeup": "schedule",
    "SendMessage": "agent_message",
    "SendUserMessage": "notify",
    "ShowOnboardingRolePicker": "ask_question",
    "Skill": "skill",
    "StructuredOutput": "report",
    "Task": "agent",
    "TaskCreate": "task_create",
    "TaskGet": "task_get",
    "TaskList": "task_list",
    "TaskOutput": "task_output",
    "TaskStop": "task_stop",
    "TaskUpdate": "task_update",
    "TeamCreate": "team",
    "TeamDelete": "team",
    "ToolSearch": "tool_search",
    "WaitForMcpServers": "tool_search",
}
_CLINE = {
    "ask_followup_question": "ask_question",
    "ask_question": "ask_question",
    "attempt_completion": "finish",
    "condense": "report",
    "focus_chain": "todo_write",
    "load_mcp_documentation": "tool_search",
    "new_task": "agent",
    "plan_mode_respond": "plan",
    "spawn_agent": "agent",
    "team_attach_outcome_fragment": "team",
    "team_await_runs": "team",
    "team_broadcast": "agent_message",
    "team_cancel_run": "team",
    "team_cleanup": "team",
    "team_create_outcome": "team",
    "team_finalize_outcome": "team",
    "team_list_outcomes": "team",
    "team_list_runs": "team",
    "team_mission_log": "report",
    "team_read_mailbox": "agent_message",
    "team_review_outcome_fragment": "team",
    "team_run_task": "agent",
    "team_send_message": "agent_message",
    "team_shutdown_teammate": "team",
    "team_spawn_teammate": "agent",
    "team_status": "team",
    "team_task": "team",
    "use_skill": "skill",
}
_CODEX = {
    "close_agent": "agent",
    "create_goal": "goal",
    "get_goal": "goal",
    "request_user_input": "ask_question",
    "resume_agent": "agent",
    "send_input": "agent_message",
    "tool_search": "tool_search",
    "update_goal": "goal",
    "update_plan": "plan",
    "wait_agent": "agent",
}
_COPILOT = {
    "fetch_copilot_cli_documentation": "tool_search",
    "list_agents": "agent_list",
    "read_agent": "agent",
    "report_intent": "report",
    "skill": "skill",
    "task": "agent",
    "update_todo": "todo_write",
    "write_agent": "agent_message",
}
_GEMINI_AND_QWEN = {
    "activate_skill": "skill",
    "agent": "agent",
    "ask_user": "ask_question",
    "ask_user_question": "ask_question",
    "cli_help": "agent",
    "codebase_investigator": "agent",
    "complete_task": "finish",
    "cron_create": "schedule",
    "cron_delete": "schedule",
    "cron_list": "schedule",
    "delegate_to_agent": "agent",
    "enter_plan_mode": "plan",
    "exit_plan_mode": "plan",
    "generalist": "agent",
    "get_internal_docs": "tool_search",
    "send_message": "agent_message",
    "task_stop": "task_stop",
    "update_topic": "report",
}
_OPENCODE = {
    "plan_enter": "plan",
    "plan_exit": "plan",
    "question": "ask_question",
}

QUIET: Mapping[str, str] = MappingProxyType(
    {**_CLAUDE_CODE, **_CLINE, **_CODEX, **_COPILOT, **_GEMINI_AND_QWEN, **_OPENCODE}
)
