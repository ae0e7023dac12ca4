"""Components of Streamlit's second kind: Python beside what runs in the browser.

Data that hold lists or dictionaries are handed over in a list of one: Streamlit asks every value of a dictionary
whether it is a data frame, for which it imports pandas, and that alone was a second of the first page.
"""
